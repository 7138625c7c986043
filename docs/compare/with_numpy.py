"""One epoch of the main job in NumPy, a whole mini-batch at a time:
with_numpy.py HIDDEN BATCH EPOCHS."""
import numpy as np

import common

hidden, m, epochs = common.arguments()
x, y, test_x, test_y = common.mnist()
y = common.unit(y)
rng = np.random.RandomState(1)
b1, b2 = rng.randn(hidden), rng.randn(10)
w1, w2 = rng.randn(hidden, 784), rng.randn(10, hidden)
eta = 3.0


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def train(begin, end):
    order = begin + rng.permutation(end - begin)
    for k in range(0, len(order), m):
        batch = order[k:k + m]
        a0 = x[batch]
        a1 = sigmoid(a0 @ w1.T + b1)
        a2 = sigmoid(a1 @ w2.T + b2)
        delta2 = (a2 - y[batch]) * a2 * (1 - a2)
        delta1 = (delta2 @ w2) * a1 * (1 - a1)
        rate = eta / len(batch)
        w1[...] -= rate * (delta1.T @ a0)
        b1[...] -= rate * delta1.sum(0)
        w2[...] -= rate * (delta2.T @ a1)
        b2[...] -= rate * delta2.sum(0)


def score():
    a = sigmoid(sigmoid(test_x @ w1.T + b1) @ w2.T + b2)
    return int((a.argmax(1) == test_y).sum())


common.timed(epochs, train, score)
