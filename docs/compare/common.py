"""What the comparisons share: MNIST as the book has it, and the clock; for
to_sklearn.py and to_torch.py their options, the Gaussian, and the epochs."""
import argparse
import gzip
import os
import sys
import time

import numpy as np

THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data")


def read(name, offset):
    with gzip.open(os.path.join(DATA, name)) as f:
        return np.frombuffer(f.read(), np.uint8, offset=offset)


def mnist():
    """Return (training x, training digits, test x, test digits); pixels are
    byte/256, 50,000 and 10,000 examples."""
    x = read("train-images-idx3-ubyte.gz", 16).reshape(-1, 784)[:50000] / 256.0
    y = read("train-labels-idx1-ubyte.gz", 8)[:50000]
    test_x = read("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 784) / 256.0
    return x, y, test_x, read("t10k-labels-idx1-ubyte.gz", 8)


def unit(y):
    """Return the digits y as rows of ten outputs."""
    return np.eye(10)[y]


def arguments():
    """Return hidden neurons, mini-batch size and number of epochs to time."""
    hidden, batch, epochs = sys.argv[1:4]
    return int(hidden), int(batch), int(epochs)


def timed(epochs, train, score):
    """Print seconds for each epoch, training and scoring, and the accuracy."""
    train(0, 1000)  # warm up
    for _ in range(epochs):
        begin = time.perf_counter()
        train(0, 50000)
        right = score()
        print("%.4f %d" % (time.perf_counter() - begin, right), flush=True)


def elastic(text):
    """Return alpha and sigma of an elastic distortion, such as elastic:alpha=34:sigma=4,
    which are those unless given."""
    strengths = dict(item.split("=") for item in text.split(":")[1:])
    return float(strengths.get("alpha", 34)), float(strengths.get("sigma", 4))


def options():
    """Return the options that the programs of a race have, by the names that this
    program gives them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-sizes", default="784,30,10", type=lambda s: [int(n) for n in s.split(",")])
    parser.add_argument("-batch", default=100, type=int)
    parser.add_argument("-eta", default=0.001, type=float, help="learning rate of Adam")
    parser.add_argument("-expand", type=elastic, metavar="elastic[:alpha=34][:sigma=4]")
    parser.add_argument("-epochs", default=1000, type=int)
    parser.add_argument("-one-cycle", default=0, type=int, metavar="N", help="PyTorch: learning rate by OneCycleLR over N epochs")
    parser.add_argument("-eval", default="test", choices=["test", "validation"])
    parser.add_argument("-seed", default=1, type=int)
    return parser.parse_args()


def digits(evaluation):
    """Return (training x, training digits, x to score, digits to score) as
    float32 and int64: the first 50,000 of the training images, and the test
    images or the last 10,000 of the training images."""
    x = read("train-images-idx3-ubyte.gz", 16).reshape(-1, 784)
    y = read("train-labels-idx1-ubyte.gz", 8)
    if evaluation == "validation":
        score_x, score_y = x[50000:], y[50000:]
    else:
        score_x = read("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 784)
        score_y = read("t10k-labels-idx1-ubyte.gz", 8)
    scale = np.float32(1 / 256)
    return x[:50000] * scale, y[:50000].astype(np.int64), score_x * scale, score_y.astype(np.int64)


def smoothing(sigma):
    """Return the symmetric matrix that smooths rows of 28 numbers by a Gaussian,
    multiplied from the right; what leaves a row at one end comes back at the other."""
    radius = 3 * int(np.ceil(sigma))
    weights = np.exp(-np.arange(-radius, radius + 1) ** 2 / (2 * sigma**2))
    s = np.zeros((28, 28))
    for i in range(28):
        for t, w in zip(range(i - radius, i + radius + 1), weights / weights.sum()):
            s[i, t % 28] += w
    return s.astype(np.float32)


def epochs(n, train, score):
    """Train n epochs and print after each what this program prints, after a
    line for the end of the start."""
    print("Start", flush=True)
    for epoch in range(n):
        train()
        print("Epoch %d: %d / 10000" % (epoch, score()), flush=True)
