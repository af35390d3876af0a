"""PyTorch under measurement: the requests and replies of worker.ts, a line of JSON each. The argument is the number of threads.

Not named torch.py: Python would then import this file as the library.
"""

import json
import math
import resource
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(int(sys.argv[1]))

MLP = {"W1": (32, [64, 32, 10]), "W2": (128, [784, 512, 256, 10])}


def uniforms(size, seed):
    """The generator of data.ts; what it makes doubles at each turn, since a Python loop over millions is slow."""
    mask, factor, term = 2**32 - 1, 1664525, 1013904223
    states = torch.tensor([(seed * factor + term) & mask])
    while len(states) < size:
        # Products wrap at 2^64, which leaves the lower half right.
        states = torch.cat([states, (states * factor + term) & mask])
        factor, term = factor * factor & mask, (factor * term + term) & mask
    return states[:size].double() / 2**32


def normals(shape, deviation, seed):
    sums = uniforms(4 * math.prod(shape), seed).view(-1, 4).sum(1)
    return ((sums - 2) * 1.7320508 * deviation).float().view(shape)


def labels(rows, classes, seed):
    return (uniforms(rows, seed) * classes).floor().long()


def layer(inputs, units, deviation, seed):
    weights = normals((inputs, units), deviation, seed)
    return [weights.requires_grad_(), torch.zeros(units).requires_grad_()]


def trainer(parameters, loss):
    optimizer = torch.optim.SGD(parameters, lr=0.01)

    def step():
        optimizer.zero_grad(set_to_none=True)
        cost = loss()
        cost.backward()
        optimizer.step()
        return cost.item()

    return step


def without_gradient(run, place=None):
    def step():
        with torch.inference_mode():
            return (run().view(-1)[0] if place is None else run()[place]).item()

    return step


def classifier(workload, phase):
    batch, widths = MLP[workload]
    x = normals((batch, widths[0]), 1, 5)
    y = labels(batch, widths[-1], 6)
    layers = [layer(m, n, math.sqrt(2 / m), 10 + i) for i, (m, n) in enumerate(zip(widths, widths[1:]))]

    def logits():
        h = x
        for i, (w, b) in enumerate(layers):
            h = torch.addmm(b, torch.relu(h) if i else h, w)
        return h

    if phase == "infer":
        return without_gradient(logits)
    return trainer([p for pair in layers for p in pair], lambda: F.cross_entropy(logits(), y))


def chain(phase):
    x = normals((1_000_000,), 1, 5)

    def forward(x):
        return torch.tanh(x * 0.7 + 0.1) * torch.sigmoid(x * 1.3) - torch.square(x) * 0.5

    if phase == "forward":
        return without_gradient(lambda: forward(x))
    x.requires_grad_()
    ones = torch.ones_like(x)
    return lambda: torch.autograd.grad(forward(x), x, ones)[0][0].item()


def product(n):
    a, b = normals((n, n), 1, 1), normals((n, n), 1, 2)
    return without_gradient(lambda: a @ b)


def tiny():
    x, y = torch.tensor([[0.3, 0.7]]), torch.tensor([[1.0]])
    w1, b1 = layer(2, 8, 1, 1)
    w2, b2 = layer(8, 1, 1, 2)

    def loss():
        guess = torch.sigmoid(torch.addmm(b2, torch.tanh(torch.addmm(b1, x, w1)), w2))
        return F.mse_loss(guess, y)

    return trainer([w1, b1, w2, b2], loss)


def cnn(phase, layout):
    """W3 of cnn.ts. A tensor has channels before rows and columns in both layouts; they differ in how memory holds it."""
    held = torch.channels_last if layout == "nhwc" else torch.contiguous_format
    x = normals((32, 1, 28, 28), 1, 5).to(memory_format=held)
    y = labels(32, 10, 6)

    def convolution(inputs, outputs, deviation, seed):
        kernel = normals((outputs, inputs, 3, 3), deviation, seed).to(memory_format=held)
        return [kernel.requires_grad_(), torch.zeros(outputs).requires_grad_()]

    convolutions = [convolution(1, 16, 0.4, 1), convolution(16, 32, 0.1, 2)]
    w, b = normals((1568, 10), 0.03, 3).t().contiguous().requires_grad_(), torch.zeros(10).requires_grad_()

    def logits():
        h = x
        for kernel, bias in convolutions:
            h = F.max_pool2d(F.relu(F.conv2d(h, kernel, bias, padding=1)), 2)
        return F.linear(h.flatten(1), w, b)

    if phase == "infer":
        return without_gradient(logits)
    return trainer([p for pair in convolutions for p in pair] + [w, b], lambda: F.cross_entropy(logits(), y))


def lstm(phase):
    """W4 of lstm.ts. The gates come in the same order; it has two biases, one of which stays zero."""
    x = normals((28, 32, 28), 1, 5)
    y = labels(32, 10, 6)
    cells = torch.nn.LSTM(28, 128)
    first = {"weight_ih_l0": normals((28, 512), 0.1, 1).t(), "weight_hh_l0": normals((128, 512), 0.08, 2).t()}
    with torch.no_grad():
        for name, parameter in cells.named_parameters():
            parameter.copy_(first.get(name, torch.zeros(())))
    cells.bias_hh_l0.requires_grad_(False)
    w, b = layer(128, 10, 0.1, 3)

    def logits():
        return torch.addmm(b, cells(x)[0][-1], w)

    if phase == "infer":
        return without_gradient(logits)
    trained = [p for p in cells.parameters() if p.requires_grad]
    return trainer(trained + [w, b], lambda: F.cross_entropy(logits(), y))


def gathering(phase):
    """GATHER of gather.ts. The result is new at each step or stands in memory already, whichever is faster."""
    rows, width, count = 100_000, 64, 1_000_000
    table = (uniforms(rows * width, 1) - 0.5).float().view(rows, width)
    at = (uniforms(count, 2) * rows).floor().long()
    if phase == "gather":
        held = torch.empty(count, width)
        ways = [lambda: torch.index_select(table, 0, at), lambda: torch.index_select(table, 0, at, out=held)]
        return without_gradient(fastest(ways), (count - 1, width - 1))
    added = table.repeat(count // rows, 1)
    held = torch.empty(rows, width)
    ways = [
        lambda: torch.zeros(rows, width).index_add_(0, at, added),
        lambda: held.zero_().index_add_(0, at, added),
        lambda: held.zero_().index_put_((at,), added, accumulate=True),
    ]
    return without_gradient(fastest(ways), (at[-1].item(), width - 1))


def fastest(ways, turns=3):
    """Memory that is new comes in pages that must be made; sums by `index_put_` are those of `index_add_`."""

    def spent(run):
        start = time.perf_counter()
        run()
        return time.perf_counter() - start

    with torch.inference_mode():
        return min(ways, key=lambda run: min(spent(run) for _ in range(turns)))


def prepare(task, contender):
    workload, phase, size = task["workload"], task["phase"], task["size"]
    if phase == "matmul":
        return product(int(size))
    if phase in ("forward", "gradient"):
        return chain(phase)
    if workload == "GATHER":
        return gathering(phase)
    if workload == "W3":
        return cnn(phase, contender["layout"])
    if workload == "W4":
        return lstm(phase)
    return tiny() if workload == "W7" else classifier(workload, phase)


def window(step, chunk, seconds):
    start = time.perf_counter()
    calls = 0
    while True:
        for _ in range(chunk):
            last = step()
        calls += chunk
        spent = time.perf_counter() - start
        if spent >= seconds:
            return calls / spent, last


class Worker:
    step, chunk = None, 1

    def answer(self, request):
        if request["kind"] == "prepare":
            begin = time.perf_counter()
            self.step = prepare(request["task"], request["contender"])
            start = time.perf_counter()
            loss = self.step()
            end = time.perf_counter()
            times = {"firstStepMs": (end - start) * 1e3, "startMs": (end - begin) * 1e3}
            return {"kind": "ready", "firstLoss": finite(loss), "compileMs": None, **times}
        if request["kind"] == "call":
            return done(*window(self.step, request["times"], 0))
        seconds = request["seconds"]
        if request["kind"] == "warmUp":
            rate, _ = window(self.step, 1, 2 * seconds)
            self.chunk = max(1, min(10_000, round(rate * seconds / 10)))
            seconds = 0
        return done(*window(self.step, self.chunk, seconds))


def done(rate, last):
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"kind": "done", "rate": rate, "last": finite(last), "rssMB": rss}


def finite(value):
    """JSON has no word for the others."""
    return value if math.isfinite(value) else None


worker = Worker()
for line in sys.stdin:
    try:
        reply = worker.answer(json.loads(line))
    except Exception as error:
        reply = {"kind": "failed", "message": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
