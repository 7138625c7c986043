"""One epoch of the main job in PyTorch, float64: with_torch.py HIDDEN BATCH
EPOCHS."""
import torch

import common

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
hidden, m, epochs = common.arguments()
x, y, test_x, test_y = common.mnist()
x, y = torch.tensor(x), torch.tensor(common.unit(y))
test_x, test_y = torch.tensor(test_x), torch.tensor(test_y.astype("int64"))
net = torch.nn.Sequential(torch.nn.Linear(784, hidden), torch.nn.Sigmoid(),
                          torch.nn.Linear(hidden, 10), torch.nn.Sigmoid())
for p in net.parameters():
    torch.nn.init.normal_(p)
optimizer = torch.optim.SGD(net.parameters(), lr=3.0)


def train(begin, end):
    order = begin + torch.randperm(end - begin)
    for batch in order.split(m):
        optimizer.zero_grad()
        loss = ((net(x[batch]) - y[batch]) ** 2).sum() / (2 * len(batch))
        loss.backward()
        optimizer.step()


def score():
    with torch.no_grad():
        return int((net(test_x).argmax(1) == test_y).sum())


common.timed(epochs, train, score)
