"""What the three comparisons share: MNIST as the book has it, and the clock."""
import gzip
import os
import sys
import time

import numpy as np

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
