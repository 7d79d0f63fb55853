"""The parts of the PyTorch script; ``template.py`` says what ``#?`` means."""

from __future__ import annotations

HEADER = '''"""Every number of one run of $names with PyTorch: a loop over time forwards, autograd backwards.

    python $file             prints the loss
    python $file out.npz     also saves every array

Row 0 of an array is step 1. dX always means dL/dX, the total gradient of the loss L: what autograd leaves in X.grad.
The names of arrays and weights are those in the app; lstmviz $version wrote this file.
"""
# $title
# What if: $what_if  #? what_if
# The run has a mistake in its backward pass, on purpose: $bug  #? bug
# Autograd does not make it, so the gradients here are the right ones.  #? bug
# The app computed this run in float32; this script computes in float64, so expect small differences.  #? float32

import sys
from pathlib import Path  #? beside

import numpy as np
import torch


def tensor(numbers):
    return torch.tensor(numbers, dtype=torch.float64)

'''

PHI = """

PHI = {"tanh": torch.tanh, "relu": torch.relu, "identity": torch.clone}
"""

TIME = '''

def reading_order(T, reverse):  #? bidirectional
    """The rows as a layer reads them: from the first to the last, or from the last to the first."""  #? bidirectional
    return range(T)[::-1] if reverse else range(T)  #? bidirectional


def kept(value):
    """The same tensor, whose gradient autograd will keep: it drops those of intermediates otherwise."""
    value.retain_grad()
    return value


def gradient(value):
    """dL/d of a tensor; 0 where the loss does not depend on it."""
    return torch.zeros_like(value) if value.grad is None else value.grad
'''

HOLDING = '''

def held_nodes(what_if, T, H, P):  #? projection
def held_nodes(what_if, T, H):  #? !projection
    """For every node that is held: where [T, H], and at what [T, H]."""  #? !projection
    """For every node that is held: where [T, H], and at what [T, H]; for h [T, P]."""  #? projection
    held, units_of_all = {}, H  #? projection
    held = {}  #? !projection
    for node, unit, first, last, value in what_if.get("held", []):
        H = P if node == "h" else units_of_all  #? projection
        where, values = held.setdefault(node, (torch.zeros((T, H), dtype=torch.bool), tensor(np.zeros((T, H)))))
        units = slice(None) if unit is None else unit
        where[first - 1 : last, units], values[first - 1 : last, units] = True, value
    return held


def hold(held, node, t, value):
    """The value [H] of a node, but where the node is held, what it is held at: no gradient goes on from there."""
    if node not in held:
        return value
    where, values = held[node]
    return torch.where(where[t], values[t], value)
'''

LSTM = '''

NODES = ("z_i", "z_f", "z_g", "z_o", "i", "f", "g", "o", "c", "tanh_c", "h")  #? !projection
NODES = ("z_i", "z_f", "z_g", "z_o", "i", "f", "g", "o", "c", "tanh_c", "m", "h")  #? projection


def lstm(x, W, U, b$projection$own_peepholes$reverse$changes):
    """One direction of one LSTM layer over x [T, I]. Returns every node, a list of T tensors [H] each."""
    T, H = len(x), len(U) // 4
    trace = {node: [None] * T for node in NODES}
    held = held_nodes(what_if, T, H, U.shape[1])  #? held projection
    held = held_nodes(what_if, T, H)  #? held !projection
    if peepholes is None:  # they are no weights of this layer  #? own_peepholes
        peepholes = tensor(what_if.get("peepholes", np.zeros((3, H)))).requires_grad_()  #? own_peepholes
    peepholes = tensor(what_if.get("peepholes", np.zeros((3, H)))).requires_grad_()  #? peepholes !own_peepholes
    p_i, p_f, p_o = peepholes  #? peepholes
    h0, c0 = (torch.zeros(size, dtype=torch.float64, requires_grad=True) for size in (U.shape[1], H))
    h, c = h0, c0
    Wx = x @ W.T + b
    for t in range(T):  #? !bidirectional
    for t in reading_order(T, reverse):  #? bidirectional
        # input gate, forget gate, candidate, output gate
        z_i, z_f, z_g, z_o = (Wx[t] + U @ h).chunk(4)
        z_i, z_f = z_i + p_i * c, z_f + p_f * c  # peepholes: the gates see the memory  #? peepholes
        i, f, g, o = torch.sigmoid(z_i), torch.sigmoid(z_f), torch.tanh(z_g), torch.sigmoid(z_o)  #? !altered
        c = f * c + i * g  # the memory: keep a part of the old, write something new  #? !altered
        tanh_c = torch.tanh(c)  #? !altered
        h = o * tanh_c  # what is shown to the outside and to the next step  #? !altered
        f, i = torch.sigmoid(z_f), torch.sigmoid(z_i)  #? altered
        f = hold(held, "f", t, f)  #? held
        if what_if.get("coupled") == "i":  #? coupled
            i = 1 - f  #? coupled
        i = hold(held, "i", t, i)  #? held
        if what_if.get("coupled") == "f":  #? coupled
            f = 1 - i  #? coupled
            f = hold(held, "f", t, f)  #? coupled held
        g = z_g.clone() if what_if.get("linear_g") else torch.tanh(z_g)  #? altered linear_g
        g = torch.tanh(z_g)  #? altered !linear_g
        g = hold(held, "g", t, g)  #? held
        c = f * c + i * g  # the memory: keep a part of the old, write something new  #? altered
        c = hold(held, "c", t, c)  #? held
        z_o = z_o + p_o * c  #? peepholes
        o = torch.sigmoid(z_o)  #? altered
        o = hold(held, "o", t, o)  #? held
        tanh_c = c.clone() if what_if.get("linear_out") else torch.tanh(c)  #? altered linear_out
        tanh_c = torch.tanh(c)  #? altered !linear_out
        h = o * tanh_c  # what is shown to the outside and to the next step  #? altered !projection
        m = o * tanh_c  # what each unit shows  #? projection
        h = m.clone() if W_hr is None else W_hr @ m  # the projection mixes it into fewer numbers  #? projection
        h = hold(held, "h", t, h)  #? held
        for node, value in zip(NODES, (z_i, z_f, z_g, z_o, i, f, g, o, c, tanh_c, h)):  #? !projection
        for node, value in zip(NODES, (z_i, z_f, z_g, z_o, i, f, g, o, c, tanh_c, m, h)):  #? projection
            trace[node][t] = kept(value)
    return trace, {"h0": h0, "c0": c0}  #? !peepholes
    return trace, {"h0": h0, "c0": c0, "peepholes": peepholes}  #? peepholes
'''

RNN = '''

def rnn(x, W, U, b, phi$reverse$changes):
    """One direction of one vanilla RNN layer over x [T, I]. Returns z and h, a list of T tensors [H] each."""
    T, H = len(x), U.shape[1]
    trace = {"z": [None] * T, "h": [None] * T}
    held = held_nodes(what_if, T, H, H)  #? held projection
    held = held_nodes(what_if, T, H)  #? held !projection
    h = h0 = torch.zeros(H, dtype=torch.float64, requires_grad=True)
    Wx = x @ W.T + b
    for t in range(T):  #? !bidirectional
    for t in reading_order(T, reverse):  #? bidirectional
        z = Wx[t] + U @ h
        h = PHI[phi](z)
        h = hold(held, "h", t, h)  #? held
        trace["z"][t], trace["h"][t] = kept(z), kept(h)
    return trace, {"h0": h0}
'''

NETWORK = '''

def forward(network, weights, x):
    """From the bottom layer to the top: y [T, O]; and of every layer what it reads, its nodes, where it starts."""
    below, layers = x, {}
    for layer in LAYERS:
        outputs = []
        for name in layer:
            W, U = weights[f"weight_ih_{name}"], weights[f"weight_hh_{name}"]
            b = weights.get(f"bias_ih_{name}", 0) + weights.get(f"bias_hh_{name}", 0)
            read = kept(below.clone())
            reverse = name.endswith("_reverse")  #? bidirectional
            what_if = WHAT_IFS.get(network, {}).get(name, {})  #? altered
            cell = CELLS[network]  #? rnn
            if cell == "lstm":  #? lstm rnn
                trace, start = lstm(read, W, U, b$projected$peeping$reverse$changes)  #? lstm rnn
            else:  #? lstm rnn
                trace, start = rnn(read, W, U, b, cell$reverse$changes)  #? lstm rnn
            trace, start = lstm(read, W, U, b$projected$peeping$reverse$changes)  #? !rnn
            trace, start = rnn(read, W, U, b, cell$reverse$changes)  #? !lstm
            layers[name] = read, trace, start
            outputs.append(torch.stack(trace["h"]))
        below = torch.cat(outputs, 1)
    return below @ weights["head.weight"].T + weights["head.bias"], layers  #? head
    return below, layers  #? !head
'''

MAIN = """

$data

for weights in WEIGHTS.values():
    for weight in weights.values():
        weight.requires_grad_()

results = {"x": x}
for network, weights in WEIGHTS.items():
    read = x.clone().requires_grad_()
    y, layers = forward(network, weights, read)
    loss = objective(kept(y))
    loss.backward()  # BPTT: autograd goes through all steps, from the last to the first
    print(f"{network}: L = {loss.item()!r}")
    results |= {f"{network}/loss": loss, f"{network}/y": y, f"{network}/dy": y.grad, f"{network}/dx": gradient(read)}
    for name, weight in weights.items():
        results |= {f"{network}/params/{name}": weight, f"{network}/dparams/{name}": gradient(weight)}
    for name, (x_layer, trace, start) in layers.items():
        results |= {f"{network}/{name}/x": x_layer, f"{network}/{name}/dx": gradient(x_layer)}
        for node, steps in trace.items():
            results[f"{network}/{name}/{node}"] = torch.stack(steps)
            results[f"{network}/{name}/d{node}"] = torch.stack([gradient(step) for step in steps])
        for state, value in start.items():
            results |= {f"{network}/{name}/{state}": value, f"{network}/{name}/d{state}": gradient(value)}
results = {name: value.detach().numpy() for name, value in results.items()}

if len(sys.argv) > 1:
    np.savez(sys.argv[1], **results)
"""
