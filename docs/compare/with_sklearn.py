"""One epoch of the same network in scikit-learn's MLPClassifier (softmax and
log-likelihood, which it does not let one change): with_sklearn.py HIDDEN BATCH
EPOCHS."""
import numpy as np
from sklearn.neural_network import MLPClassifier

import common

hidden, m, epochs = common.arguments()
x, y, test_x, test_y = common.mnist()
net = MLPClassifier((hidden,), activation="logistic", solver="sgd", alpha=0, batch_size=m,
                    learning_rate_init=0.5, momentum=0, nesterovs_momentum=False, max_iter=1)


def train(begin, end):
    net.partial_fit(x[begin:end], y[begin:end], classes=np.arange(10))


def score():
    return int((net.predict(test_x) == test_y).sum())


common.timed(epochs, train, score)
