"""Makes the files in ``fixtures`` with the frameworks themselves: PyTorch, and Keras 3 on top of it.

Run by hand in an environment with torch, keras, h5py, onnx and safetensors; the tests need none of the first two.
Beside each model stand its input and the output that the framework gives: ``<name>.x.npy``, ``<name>.y.npy``.
"""

from __future__ import annotations

import json
import os
import warnings
import zipfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import h5py
import keras
import numpy as np
import safetensors.torch
import torch
from keras import layers
from torch import nn

FOLDER = Path(__file__).parent / "fixtures"
STEPS, FEATURES, UNITS, TOKENS = 5, 3, 4, 6


class CharacterModel(nn.Module):
    """Embedding, LSTM, dense layer: tokens [T] in, one value for each token and step out."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, FEATURES)
        self.lstm = nn.LSTM(FEATURES, UNITS, num_layers=2)
        self.decoder = nn.Linear(UNITS, TOKENS)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """[T, B] -> [T, B, TOKENS]."""
        h, _ = self.lstm(self.embedding(tokens))
        return self.decoder(h)


def keep(name: str, x: np.ndarray, y: torch.Tensor | np.ndarray) -> None:
    """Input and output of a model, without the batch of one."""
    y = y.detach().float() if isinstance(y, torch.Tensor) and y.dtype in (torch.bfloat16, torch.float16) else y
    values = y.detach().numpy() if isinstance(y, torch.Tensor) else np.asarray(y)
    np.save(FOLDER / f"{name}.x.npy", x)
    np.save(FOLDER / f"{name}.y.npy", values.reshape(len(x), -1))


def vectors(dtype: type = np.float64) -> np.ndarray:
    return np.random.default_rng(7).normal(size=(STEPS, FEATURES)).astype(dtype)


def tokens() -> np.ndarray:
    return np.array([2, 0, 5, 1, 1], np.int64)


def run(module: nn.Module, x: np.ndarray) -> torch.Tensor:
    return module(torch.from_numpy(x)[:, None])[0]


def torch_state_dicts() -> None:
    """State dicts of single modules, in both layouts and several types."""
    bidirectional = nn.LSTM(FEATURES, UNITS, num_layers=2, bidirectional=True, dtype=torch.float64)
    torch.save(bidirectional.state_dict(), FOLDER / "bidirectional.pt")
    keep("bidirectional", vectors(), run(bidirectional, vectors()))

    no_bias = nn.LSTM(FEATURES, UNITS, bias=False)
    torch.save(no_bias.state_dict(), FOLDER / "old_layout.bin", _use_new_zipfile_serialization=False)
    keep("old_layout", vectors(np.float32), run(no_bias, vectors(np.float32)))

    half = nn.LSTM(FEATURES, UNITS).to(torch.bfloat16)
    torch.save(half.state_dict(), FOLDER / "bfloat16.pt")
    safetensors.torch.save_file(half.state_dict(), FOLDER / "bfloat16.safetensors")
    keep("bfloat16", vectors(np.float32), run(half.float(), vectors(np.float32)))

    cell = nn.LSTMCell(FEATURES, UNITS, dtype=torch.float64)
    torch.save({"state_dict": {f"cell.{name}": each for name, each in cell.state_dict().items()}}, FOLDER / "cell.pth")
    state, outputs = None, []
    for row in torch.from_numpy(vectors()):
        state = cell(row[None], state)
        outputs.append(state[0])
    keep("cell", vectors(), torch.cat(outputs))

    projected = nn.LSTM(FEATURES, UNITS, proj_size=2, dtype=torch.float64)
    torch.save(projected.state_dict(), FOLDER / "projected.pt")
    torch.save(nn.GRU(FEATURES, UNITS).state_dict(), FOLDER / "gru.pt")


def torch_models() -> None:
    """A checkpoint as training scripts write it, a whole pickled module, TorchScript, ONNX, safetensors."""
    model = CharacterModel().double()
    optimizer = torch.optim.Adam(model.parameters())
    y = model(torch.from_numpy(tokens())[:, None])
    y.sum().backward()
    optimizer.step()
    y = model(torch.from_numpy(tokens())[:, None])
    wrapped = {f"module.{name}": each for name, each in model.state_dict().items()}
    optimiser = optimizer.state_dict()
    checkpoint = {"epoch": 3, "model_state_dict": wrapped, "optimizer_state_dict": optimiser, "loss": [0.5, 0.25]}
    torch.save(checkpoint, FOLDER / "checkpoint.pt")
    torch.save(model, FOLDER / "whole_module.pth")
    safetensors.torch.save_file(model.state_dict(), FOLDER / "model.safetensors")
    for name in ("checkpoint", "whole_module", "model"):
        keep(name, tokens(), y)

    relu = nn.RNN(FEATURES, UNITS, nonlinearity="relu", dtype=torch.float64)
    torch.save(relu, FOLDER / "relu_module.pt")
    save_script(relu, FOLDER / "relu_script.pt")
    for name in ("relu_module", "relu_script"):
        keep(name, vectors(), run(relu, vectors()))
    save_script(model, FOLDER / "script.pt")
    keep("script", tokens(), y)

    single = model.float().eval()
    torch.onnx.export(single, torch.from_numpy(tokens())[:, None], FOLDER / "exported.onnx", dynamo=False)
    keep("exported", tokens(), single(torch.from_numpy(tokens())[:, None]))
    stack = nn.LSTM(FEATURES, UNITS, num_layers=2, bidirectional=True).eval()
    x = torch.from_numpy(vectors(np.float32))[:, None]
    torch.onnx.export(stack, x, FOLDER / "exported_stack.onnx", dynamo=False)
    keep("exported_stack", vectors(np.float32), stack(x)[0])


def save_script(module: nn.Module, path: Path) -> None:
    """TorchScript without the tables for its debugger, which name the folders of this machine."""
    torch.jit.save(torch.jit.script(module), path)
    with zipfile.ZipFile(path) as archive:
        files = {info: archive.read(info) for info in archive.infolist() if not info.filename.endswith(".debug_pkl")}
    with zipfile.ZipFile(path, "w") as archive:
        for info, content in files.items():
            archive.writestr(info, content)


def keras_models() -> None:
    """The formats that Keras 3 writes."""
    keras.config.set_floatx("float64")
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(TOKENS, FEATURES),
            layers.LSTM(UNITS, return_sequences=True, name="lower", bias_initializer="random_normal"),
            layers.Dropout(0.5),
            layers.LSTM(UNITS, return_sequences=True, name="upper"),
            layers.TimeDistributed(layers.Dense(2, bias_initializer="random_normal", activation="softmax")),
        ]
    )
    model.save(FOLDER / "characters.keras")
    inner = keras.Model(model.inputs, model.layers[-2].output)
    dense = model.layers[-1].layer
    h = inner(tokens()[None]).detach().numpy()[0]
    keep("characters", tokens(), h @ np.asarray(dense.kernel.value.detach()) + np.asarray(dense.bias.value.detach()))

    sequence = keras.Input((None, FEATURES))
    both = layers.Bidirectional(layers.LSTM(UNITS, return_sequences=True, bias_initializer="random_normal"))(sequence)
    functional = keras.Model(sequence, both)
    functional.save(FOLDER / "both.h5")
    functional.save_weights(FOLDER / "both.weights.h5")
    keep("both", vectors(), functional(vectors()[None]))

    simple = keras.Sequential([keras.Input((None, FEATURES)), layers.SimpleRNN(UNITS, "relu", return_sequences=True)])
    simple.save(FOLDER / "simple.h5")
    keep("simple", vectors(), simple(vectors()[None]))
    hard = [keras.Input((None, FEATURES)), layers.LSTM(UNITS, recurrent_activation="hard_sigmoid")]
    keras.Sequential(hard).save(FOLDER / "hard_sigmoid.keras")


def keras_2_models() -> None:
    """The layouts of Keras 2, written by hand: names that end in ``:0``, and a CuDNNLSTM as cuDNN lays it out."""
    lstm = nn.LSTM(FEATURES, UNITS, dtype=torch.float64)
    weight_ih, weight_hh = lstm.weight_ih_l0.detach().numpy(), lstm.weight_hh_l0.detach().numpy()
    bias_ih, bias_hh = lstm.bias_ih_l0.detach().numpy(), lstm.bias_hh_l0.detach().numpy()
    y = run(lstm, vectors())
    keep("keras_2", vectors(), y)
    keep("cudnn", vectors(), y)

    plain = {"kernel:0": weight_ih.T, "recurrent_kernel:0": weight_hh.T, "bias:0": bias_ih + bias_hh}
    # cuDNN has each matrix [H, I] row by row, and Keras gives that memory the shape [I, H]
    blocks = [block.reshape(FEATURES, UNITS) for block in np.split(weight_ih, 4)]
    cudnn = {
        "kernel:0": np.concatenate(blocks, 1),
        "recurrent_kernel:0": np.concatenate(np.split(weight_hh, 4), 1),
        "bias:0": np.concatenate([bias_ih, bias_hh]),
    }
    write_keras_2(FOLDER / "keras_2.hdf5", "LSTM", "lstm_1", "lstm_1/lstm_cell", plain)
    write_keras_2(FOLDER / "cudnn.h5", "CuDNNLSTM", "cu_dnnlstm_1", "cu_dnnlstm_1", cudnn)


def write_keras_2(path: Path, kind: str, name: str, folder: str, arrays: dict[str, np.ndarray]) -> None:
    settings = {"name": name, "units": UNITS, "return_sequences": True, "go_backwards": False, "stateful": False}
    if kind == "LSTM":
        settings |= {"activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True}
    model = {"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": kind, "config": settings}]}}
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"2.3.1"
        file.attrs["model_config"] = json.dumps(model).encode()
        group = file.create_group(f"model_weights/{name}")
        group.attrs["weight_names"] = [f"{folder}/{each}".encode() for each in arrays]
        for each, array in arrays.items():
            group.create_dataset(f"{folder}/{each}", data=array)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    FOLDER.mkdir(exist_ok=True)
    torch.manual_seed(5)
    torch_state_dicts()
    torch_models()
    keras_models()
    keras_2_models()
