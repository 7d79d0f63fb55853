"""The parts of the NumPy script; ``template.py`` says what ``#?`` means."""

from __future__ import annotations

HEADER = '''"""Every number of one run of $names, forwards and backwards through time, with NumPy alone.

    python $file             prints the loss
    python $file out.npz     also saves every array

Row 0 of an array is step 1. dX always means dL/dX, the total gradient of the loss L: it includes what X does to
all later steps. The names of arrays and weights are those in the app; lstmviz $version wrote this file.
"""
# $title
# What if: $what_if  #? what_if
# On purpose, as in the run, there is a mistake in the backward pass: $bug  #? bug
# The app computed this run in float32; this script computes in float64, so expect small differences.  #? float32

import sys
from pathlib import Path  #? beside

import numpy as np

np.seterr(all="ignore")  # a number that is too large becomes inf, without a warning
'''

ACTIVATIONS = '''

def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_slope(z):
    """a (1 - a) for a = sigmoid(z); sigmoid(-z) is 1 - a, but keeps its digits where a is nearly 1."""
    return sigmoid(z) * sigmoid(-z)


def tanh_slope(z):
    """1 - tanh(z)^2, which keeps its digits where tanh(z) is nearly 1."""
    return 1 / np.cosh(z) ** 2
'''

PHI = """

# phi of the vanilla RNN, and its derivative
PHI = {
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),  #? phi_tanh
    "relu": (lambda z: np.maximum(z, 0), lambda z: np.where(z > 0, 1.0, 0.0)),  #? phi_relu
    "identity": (lambda z: z, lambda z: np.ones_like(z)),  #? phi_identity
}
"""

TIME = '''

def reading_order(T, reverse):  #? bidirectional
    """The rows as a layer reads them: from the first to the last, or from the last to the first."""  #? bidirectional
    return range(T)[::-1] if reverse else range(T)  #? bidirectional


def before(states, reverse):  #? bidirectional
    """The states [T, H] that each step starts from: those of the step read before, or 0."""  #? bidirectional
    start = np.zeros((1, states.shape[1]))  #? bidirectional
    return np.concatenate([states[1:], start] if reverse else [start, states[:-1]])  #? bidirectional
def before(states):  #? !bidirectional
    """The states [T, H] that each step starts from: those of the step before, or 0."""  #? !bidirectional
    return np.concatenate([np.zeros((1, states.shape[1])), states[:-1]])  #? !bidirectional
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
        where, values = held.setdefault(node, (np.zeros((T, H), bool), np.zeros((T, H))))
        units = slice(None) if unit is None else unit
        where[first - 1 : last, units], values[first - 1 : last, units] = True, value
    return held


def hold(held, node, t, value):
    """The value [H] of a node, but where the node is held, what it is held at."""
    if node not in held:
        return value
    where, values = held[node]
    return np.where(where[t], values[t], value)


def cut(held, node, t, gradient):
    """The gradient that goes on through a node: none where the node is held, whatever it is computed from."""
    return np.where(held[node][0][t], 0, gradient) if node in held else gradient
'''

LSTM = '''

NODES = ("z_i", "z_f", "z_g", "z_o", "i", "f", "g", "o", "c", "tanh_c", "h")  #? !projection
NODES = ("z_i", "z_f", "z_g", "z_o", "i", "f", "g", "o", "c", "tanh_c", "m", "h")  #? projection


def lstm_forward(x, W, U, b$projection$reverse$changes):
    """One direction of one LSTM layer over x [T, I]. Returns every node at every step, [T, H] each."""  #? !projection
    """One direction of one LSTM layer over x [T, I]. Returns every node at every step, [T, H] each, of h [T, P].

    W_hr [P, H] is the projection h = W_hr m of m = o tanh(c); None for none, then h = m and P = H.
    """
    T, H = len(x), len(U) // 4
    P = U.shape[1]  #? projection
    trace = {node: np.empty((T, H)) for node in NODES} | {"x": x}
    trace["h"] = np.empty((T, P))  #? projection
    held = held_nodes(what_if, T, H, P)  #? held projection
    held = held_nodes(what_if, T, H)  #? held !projection
    p_i, p_f, p_o = trace["peepholes"] = np.array(what_if.get("peepholes", np.zeros((3, H))))  #? peepholes
    h, c = np.zeros(H), np.zeros(H)  #? !projection
    h, c = np.zeros(P), np.zeros(H)  #? projection
    Wx = x @ W.T + b
    for t in range(T):  #? !bidirectional
    for t in reading_order(T, reverse):  #? bidirectional
        # input gate, forget gate, candidate, output gate
        z_i, z_f, z_g, z_o = np.split(Wx[t] + U @ h, 4)
        i, f, g, o = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_o)  #? !altered
        c = f * c + i * g  # the memory: keep a part of the old, write something new  #? !altered
        tanh_c = np.tanh(c)  #? !altered
        h = o * tanh_c  # what is shown to the outside and to the next step  #? !altered
        z_i, z_f = z_i + p_i * c, z_f + p_f * c  # peepholes: the gates see the memory  #? peepholes
        f, i = sigmoid(z_f), sigmoid(z_i)  #? altered
        f = hold(held, "f", t, f)  #? altered held
        if what_if.get("coupled") == "i":  #? coupled
            i = 1 - f  #? coupled
        i = hold(held, "i", t, i)  #? held
        if what_if.get("coupled") == "f":  #? coupled
            f = 1 - i  #? coupled
            f = hold(held, "f", t, f)  #? coupled held
        g = z_g if what_if.get("linear_g") else np.tanh(z_g)  #? altered linear_g
        g = np.tanh(z_g)  #? altered !linear_g
        g = hold(held, "g", t, g)  #? held
        c = f * c + i * g  # the memory: keep a part of the old, write something new  #? altered
        c = hold(held, "c", t, c)  #? held
        z_o = z_o + p_o * c  #? peepholes
        o = sigmoid(z_o)  #? altered
        o = hold(held, "o", t, o)  #? held
        tanh_c = c if what_if.get("linear_out") else np.tanh(c)  #? altered linear_out
        tanh_c = np.tanh(c)  #? altered !linear_out
        h = o * tanh_c  # what is shown to the outside and to the next step  #? altered !projection
        m = o * tanh_c  # what each unit shows  #? projection
        h = m if W_hr is None else W_hr @ m  # the projection mixes it into fewer numbers  #? projection
        h = hold(held, "h", t, h)  #? held
        for node, value in zip(NODES, (z_i, z_f, z_g, z_o, i, f, g, o, c, tanh_c, h)):  #? !projection
        for node, value in zip(NODES, (z_i, z_f, z_g, z_o, i, f, g, o, c, tanh_c, m, h)):  #? projection
            trace[node][t] = value
    return trace


def lstm_backward(trace, dh_above, W, U$projection$reverse$changes):
    """Backpropagation through time, from dL/dh [T, H] as it comes from above: dL/d of every node and weight."""
    T, H = trace["c"].shape
    P = U.shape[1]  #? projection
    d = {node: np.empty(trace[node].shape) for node in NODES}
    h_before, c_before = before(trace["h"]$reverse), before(trace["c"]$reverse)
    held = held_nodes(what_if, T, H, P)  #? held projection
    held = held_nodes(what_if, T, H)  #? held !projection
    p_i, p_f, p_o = trace["peepholes"]  #? peepholes
    dh_carried, dc_carried = np.zeros(U.shape[1]), np.zeros(H)  # what the step after this one sends back
    dW_hr = None if W_hr is None else np.zeros_like(W_hr)  #? projection
    for t in reversed(range(T)):  #? !bidirectional
    for t in reversed(reading_order(T, reverse)):  #? bidirectional
        z_i, z_f, z_g, z_o, i, f, g, o, c, tanh_c, h = (trace[node][t] for node in NODES)  #? !projection
        z_i, z_f, z_g, z_o, i, f, g, o, c, tanh_c, m, h = (trace[node][t] for node in NODES)  #? projection
        dh = dh_above[t] + dh_carried
        into_h = dh  #? altered !held
        into_h = cut(held, "h", t, dh)  #? held
        do, dtanh_c = dh * tanh_c, dh * o  #? !altered
        do, dtanh_c = into_h * tanh_c, into_h * o  #? altered !projection
        dm = into_h if W_hr is None else W_hr.T @ into_h  # back through the projection  #? projection
        do, dtanh_c = dm * tanh_c, dm * o  #? projection
        if W_hr is not None:  #? projection
            dW_hr += np.outer(into_h, m)  #? projection
        dz_o = do * sigmoid_slope(z_o)
        dz_o = cut(held, "o", t, dz_o)  #? held
        slope = 1 if what_if.get("linear_out") else tanh_slope(c)  #? linear_out
        dc = dtanh_c * slope + dc_carried  #? linear_out
        dc = dtanh_c * tanh_slope(c) + dc_carried  #? !linear_out
        dc = dc + p_o * dz_o  #? peepholes
        into_c = dc  #? altered !held
        into_c = cut(held, "c", t, dc)  #? held
        di, df, dg = dc * g, dc * c_before[t], dc * i  #? !altered
        di, df, dg = into_c * g, into_c * c_before[t], into_c * i  #? altered
        if what_if.get("coupled") == "i":  # i = 1 - f: what moves f moves i, the other way  #? coupled
            df = df - cut(held, "i", t, di)  #? coupled held
            df = df - di  #? coupled !held
        if what_if.get("coupled") == "f":  # f = 1 - i  #? coupled
            di = di - cut(held, "f", t, df)  #? coupled held
            di = di - df  #? coupled !held
        dz_i, dz_g = di * sigmoid_slope(z_i), dg * tanh_slope(z_g)
        dz_f = df * sigmoid_slope(z_f)  #? !bug_slope
        dz_f = df  # the mistake: without sigmoid_slope(z_f)  #? bug_slope
        if what_if.get("coupled") == "i":  #? coupled
            dz_i = np.zeros(H)  # nobody asks what z_i is  #? coupled
        if what_if.get("coupled") == "f":  #? coupled
            dz_f = np.zeros(H)  #? coupled
        if what_if.get("linear_g"):  #? linear_g
            dz_g = dg  #? linear_g
        dz_i, dz_f, dz_g = cut(held, "i", t, dz_i), cut(held, "f", t, dz_f), cut(held, "g", t, dz_g)  #? held
        dh_carried = U.T @ np.concatenate([dz_i, dz_f, dz_g, dz_o])  #? !bug_dh
        dh_carried = np.zeros(U.shape[1])  # the mistake: without U.T @ dz  #? bug_dh
        dc_carried = f * dc  #? !altered !bug_dc
        dc_carried = f * into_c  #? altered !peepholes !bug_dc
        dc_carried = f * into_c + p_f * dz_f + p_i * dz_i  #? peepholes !bug_dc
        dc_carried = np.zeros(H)  # the mistake: without f * dc  #? bug_dc
        for node, value in zip(NODES, (dz_i, dz_f, dz_g, dz_o, di, df, dg, do, dc, dtanh_c, dh)):  #? !projection
        for node, value in zip(NODES, (dz_i, dz_f, dz_g, dz_o, di, df, dg, do, dc, dtanh_c, dm, dh)):  #? projection
            d[node][t] = value
    dz = np.concatenate([d["z_i"], d["z_f"], d["z_g"], d["z_o"]], axis=1)  # [T, 4H]
    d |= {"x": dz @ W, "h0": dh_carried, "c0": dc_carried}
    seen = (("z_i", c_before), ("z_f", c_before), ("z_o", trace["c"]))  #? peepholes
    d["peepholes"] = np.array([(d[z] * c).sum(0) for z, c in seen])  #? peepholes
    db = dz.sum(0)
    db[:H] = db[H : 2 * H]  # the mistake: the input gate's bias gets the forget gate's gradient  #? bug_bias
    return d, {
        "weight_ih": dz.T @ trace["x"],
        "weight_hh": dz.T @ h_before,
        "bias_ih": db,
        "bias_hh": db,
        "weight_hr": dW_hr,  #? projection
        "peepholes": d["peepholes"],  #? own_peepholes
    }
'''

RNN = '''

def rnn_forward(x, W, U, b, phi$reverse$changes):
    """One direction of one vanilla RNN layer over x [T, I]. Returns z and h at every step, [T, H] each."""
    T, H = len(x), U.shape[1]
    z, h = np.empty((T, H)), np.empty((T, H))
    held = held_nodes(what_if, T, H, H)  #? held projection
    held = held_nodes(what_if, T, H)  #? held !projection
    activate, _ = PHI[phi]
    h_before = np.zeros(H)
    Wx = x @ W.T + b
    for t in range(T):  #? !bidirectional
    for t in reading_order(T, reverse):  #? bidirectional
        z[t] = Wx[t] + U @ h_before
        h[t] = activate(z[t])
        h[t] = hold(held, "h", t, h[t])  #? held
        h_before = h[t]
    return {"z": z, "h": h, "x": x}


def rnn_backward(trace, dh_above, W, U, phi$reverse$changes):
    """Backpropagation through time, from dL/dh [T, H] as it comes from above: dL/d of every node and weight."""
    T, H = dh_above.shape
    dz, dh = np.empty((T, H)), np.empty((T, H))
    held = held_nodes(what_if, T, H, H)  #? held projection
    held = held_nodes(what_if, T, H)  #? held !projection
    _, slope = PHI[phi]
    dh_carried = np.zeros(H)  # what the step after this one sends back
    for t in reversed(range(T)):  #? !bidirectional
    for t in reversed(reading_order(T, reverse)):  #? bidirectional
        dh[t] = dh_above[t] + dh_carried
        dz[t] = dh[t] * slope(trace["z"][t])
        dz[t] = cut(held, "h", t, dz[t])  #? held
        dh_carried = U.T @ dz[t]  #? !bug_dh
        dh_carried = np.zeros(H)  # the mistake: without U.T @ dz  #? bug_dh
    d = {"z": dz, "h": dh, "x": dz @ W, "h0": dh_carried}
    dW, dU, db = dz.T @ trace["x"], dz.T @ before(trace["h"]$reverse), dz.sum(0)
    return d, {"weight_ih": dW, "weight_hh": dU, "bias_ih": db, "bias_hh": db}
'''

NETWORK = '''

def forward(network, weights):
    """From the bottom layer to the top. Returns y [T, O], and the nodes of every layer and direction."""
    below, traces = x, {}
    for layer in LAYERS:
        for name in layer:
            W, U = weights[f"weight_ih_{name}"], weights[f"weight_hh_{name}"]
            b = weights.get(f"bias_ih_{name}", 0) + weights.get(f"bias_hh_{name}", 0)
            reverse = name.endswith("_reverse")  #? bidirectional
            what_if = WHAT_IFS.get(network, {}).get(name, {})  #? altered
            cell = CELLS[network]  #? rnn
            if cell == "lstm":  #? lstm rnn
                traces[name] = lstm_forward(below, W, U, b$projected$reverse$changes)  #? lstm rnn
            else:  #? lstm rnn
                traces[name] = rnn_forward(below, W, U, b, cell$reverse$changes)  #? lstm rnn
            traces[name] = lstm_forward(below, W, U, b$projected$reverse$changes)  #? !rnn
            traces[name] = rnn_forward(below, W, U, b, cell$reverse$changes)  #? !lstm
        below = np.concatenate([traces[name]["h"] for name in layer], axis=1)
    return below @ weights["head.weight"].T + weights["head.bias"], traces  #? head
    return below, traces  #? !head


def backward(network, weights, traces, dy):
    """From the top layer to the bottom. Returns dL/d of x, of every node, and of every weight."""
    gradients, dweights = {}, {}
    top = np.concatenate([traces[name]["h"] for name in LAYERS[-1]], axis=1)  #? head
    dweights |= {"head.weight": dy.T @ top, "head.bias": dy.sum(0)}  #? head
    dabove = dy @ weights["head.weight"]  #? head
    dabove = dy  #? !head
    for layer in reversed(LAYERS):
        for name, dh_above in zip(layer, np.split(dabove, len(layer), axis=1)):
            trace, W, U = traces[name], weights[f"weight_ih_{name}"], weights[f"weight_hh_{name}"]
            reverse = name.endswith("_reverse")  #? bidirectional
            what_if = WHAT_IFS.get(network, {}).get(name, {})  #? altered
            cell = CELLS[network]  #? rnn
            if cell == "lstm":  #? lstm rnn
                gradients[name], dparams = lstm_backward(trace, dh_above, W, U$projected$reverse$changes)  #? lstm rnn
            else:  #? lstm rnn
                gradients[name], dparams = rnn_backward(trace, dh_above, W, U, cell$reverse$changes)  #? lstm rnn
            gradients[name], dparams = lstm_backward(trace, dh_above, W, U$projected$reverse$changes)  #? !rnn
            gradients[name], dparams = rnn_backward(trace, dh_above, W, U, cell$reverse$changes)  #? !lstm
            dweights |= {f"{key}_{name}": dparams[key] for key in dparams if f"{key}_{name}" in weights}
        dabove = sum(gradients[name]["x"] for name in layer)
    return dabove, gradients, dweights
'''

MAIN = """

$data

results = {"x": x}
for network, weights in WEIGHTS.items():
    y, traces = forward(network, weights)
    loss, dy = objective(y)
    dx, gradients, dweights = backward(network, weights, traces, dy)
    print(f"{network}: L = {float(loss)!r}")
    results |= {f"{network}/loss": loss, f"{network}/y": y, f"{network}/dy": dy, f"{network}/dx": dx}
    results |= {f"{network}/params/{name}": array for name, array in weights.items()}
    results |= {f"{network}/dparams/{name}": array for name, array in dweights.items()}
    for name in traces:
        results |= {f"{network}/{name}/{node}": array for node, array in traces[name].items()}
        results |= {f"{network}/{name}/d{node}": array for node, array in gradients[name].items()}

if len(sys.argv) > 1:
    np.savez(sys.argv[1], **results)
"""
