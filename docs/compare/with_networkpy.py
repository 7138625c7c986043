"""One epoch of the main job as network.py does it, one example at a time:
with_networkpy.py HIDDEN BATCH EPOCHS. The arithmetic is that of Michael
Nielsen's network.py; the code is not."""
import numpy as np

import common

hidden, m, epochs = common.arguments()
x, digits, test_x, test_y = common.mnist()
x, test_x = x.reshape(-1, 784, 1), test_x.reshape(-1, 784, 1)
y = common.unit(digits).reshape(-1, 10, 1)
rng = np.random.RandomState(1)
biases = [rng.randn(n, 1) for n in (hidden, 10)]
weights = [rng.randn(hidden, 784), rng.randn(10, hidden)]
eta = 3.0


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def backprop(x, y):
    a, zs, activations = x, [], [x]
    for b, w in zip(biases, weights):
        zs.append(np.dot(w, a) + b)
        a = sigmoid(zs[-1])
        activations.append(a)
    delta2 = (a - y) * sigmoid_prime(zs[1])
    delta1 = np.dot(weights[1].T, delta2) * sigmoid_prime(zs[0])
    return [delta1, delta2], [np.dot(delta1, x.T), np.dot(delta2, activations[1].T)]


def train(begin, end):
    order = begin + rng.permutation(end - begin)
    for k in range(0, len(order), m):
        nabla_b = [np.zeros(b.shape) for b in biases]
        nabla_w = [np.zeros(w.shape) for w in weights]
        batch = order[k:k + m]
        for i in batch:
            db, dw = backprop(x[i], y[i])
            nabla_b = [s + d for s, d in zip(nabla_b, db)]
            nabla_w = [s + d for s, d in zip(nabla_w, dw)]
        for l in range(2):
            weights[l] = weights[l] - eta / len(batch) * nabla_w[l]
            biases[l] = biases[l] - eta / len(batch) * nabla_b[l]


def score():
    right = 0
    for image, digit in zip(test_x, test_y):
        a = image
        for b, w in zip(biases, weights):
            a = sigmoid(np.dot(w, a) + b)
        right += int(np.argmax(a) == digit)
    return right


common.timed(epochs, train, score)
