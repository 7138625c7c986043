"""Trains a network of rectified linear neurons with softmax and log-likelihood
in PyTorch, by Adam, and scores it after each epoch: to_torch.py -h."""
import math

import torch
from torch.nn import functional

import common

options = common.options()
torch.set_num_threads(common.THREADS)
torch.manual_seed(options.seed)
x, y, score_x, score_y = (torch.from_numpy(a) for a in common.digits(options.eval))
layers = []
for inputs, outputs in zip(options.sizes, options.sizes[1:]):
    layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
net = torch.nn.Sequential(*layers[:-1])
optimizer = torch.optim.Adam(net.parameters(), lr=options.eta)
schedule = options.one_cycle and torch.optim.lr_scheduler.OneCycleLR(
    optimizer, options.eta, epochs=options.one_cycle, steps_per_epoch=math.ceil(len(x) / options.batch))
alpha, sigma = options.expand or (0, 1)
smooth = torch.from_numpy(common.smoothing(sigma))
steps = torch.arange(28.0) / 13.5 - 1  # places of pixels, as grid_sample counts them
home = torch.stack(torch.meshgrid(steps, steps, indexing="xy"), -1)


def variants(images):
    """Return the images, each after an elastic distortion of its own."""
    field = (torch.rand(len(images) * 56, 28) - 0.5) @ smooth
    field = field.view(-1, 28, 28).transpose(1, 2).reshape(-1, 28) @ smooth
    field = field.view(-1, 2, 28, 28).permute(0, 3, 2, 1)
    grid = torch.add(home, field, alpha=2 * alpha / 13.5)
    pages = images.reshape(-1, 1, 28, 28)
    return functional.grid_sample(pages, grid, align_corners=True).reshape(-1, 784)


def train():
    for batch in torch.randperm(len(x)).split(options.batch):
        images = variants(x[batch]) if options.expand else x[batch]
        optimizer.zero_grad(set_to_none=True)
        functional.cross_entropy(net(images), y[batch]).backward()
        optimizer.step()
        if schedule:
            schedule.step()


def score():
    with torch.no_grad():
        return int((net(score_x).argmax(1) == score_y).sum())


common.epochs(options.one_cycle or options.epochs, train, score)
