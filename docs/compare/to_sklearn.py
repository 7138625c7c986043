"""Trains an MLPClassifier of scikit-learn, rectified linear neurons with softmax
and log-likelihood, by Adam, and scores it after each epoch: to_sklearn.py -h."""
import numpy as np
from sklearn.neural_network import MLPClassifier

import common

options = common.options()
x, y, score_x, score_y = common.digits(options.eval)
net = MLPClassifier(options.sizes[1:-1], batch_size=options.batch, learning_rate_init=options.eta,
                    random_state=options.seed)
rng = np.random.default_rng(options.seed)
alpha, sigma = options.expand or (0, 1)
smooth = common.smoothing(sigma)
home = np.mgrid[:28, :28].astype(np.float32)  # row and column of each pixel


def variants(images):
    """Return the images, each after an elastic distortion of its own."""
    made = np.empty_like(images)
    for first in range(0, len(images), 200):
        made[first:first + 200] = distorted(images[first:first + 200])
    return made


def distorted(images):
    n = len(images)
    field = (rng.random((n * 56, 28), np.float32) - np.float32(0.5)) @ smooth
    field = field.reshape(-1, 28, 28).transpose(0, 2, 1).reshape(-1, 28) @ smooth
    place = home + np.float32(2 * alpha) * field.reshape(n, 2, 28, 28).transpose(0, 1, 3, 2)
    np.clip(place, -1, 28, out=place)
    corner = np.floor(place)
    down, right = (place - corner).transpose(1, 0, 2, 3).reshape(2, -1)
    page = np.zeros((n, 31, 31), np.float32)  # white around: one pixel above and left, two below and right
    page[:, 1:29, 1:29] = images.reshape(n, 28, 28)
    at = (corner[:, 0] * 31 + corner[:, 1] + 32).astype(np.intp) + 961 * np.arange(n)[:, None, None]
    one, two, three, four = (page.take(at.ravel() + step, mode="clip") for step in (0, 1, 31, 32))
    above, below = one + (two - one) * right, three + (four - three) * right
    return (above + (below - above) * down).reshape(n, 784)


def train():
    net.partial_fit(variants(x) if options.expand else x, y, classes=np.arange(10))


def score():
    return int((net.predict(score_x) == score_y).sum())


common.epochs(options.epochs, train, score)
