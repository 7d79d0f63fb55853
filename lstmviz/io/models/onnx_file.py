"""``.onnx`` files: recurrent nodes with their weights, or initialisers under PyTorch's names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.by_names import candidates_by_names
from lstmviz.io.models.finishing import finished
from lstmviz.io.models.limits import FORMATS, MOST_CANDIDATES
from lstmviz.io.models.model_file import Candidate, ModelFile
from lstmviz.io.models.onnx_graph import OnnxGraph
from lstmviz.io.models.onnx_recurrent import KINDS, candidate_of_node
from lstmviz.io.models.onnx_wiring import dense_of, embedding_of, joins, source
from lstmviz.io.models.stacking import stacked


def read_onnx(data: bytes, where: str) -> ModelFile:
    """What is in an ONNX file. Raises LstmvizError."""
    graph = OnnxGraph(data, where)
    if graph.empty:
        raise LstmvizError(
            "The file is of no kind that is known",
            where=where,
            how=FORMATS,
        )
    nodes = [node for node in graph.nodes if node.op_type in KINDS and node.domain in ("", "ai.onnx")]
    if not nodes:
        candidates, ignored = candidates_by_names(graph.initialisers(), {}, where)
        return ModelFile(where, "ONNX without recurrent nodes, with weights under PyTorch's names", candidates, ignored)
    if len(nodes) > MOST_CANDIDATES:
        raise LstmvizError(
            f"There are {len(nodes):,} recurrent nodes", where=where, how=f"At most {MOST_CANDIDATES} are read."
        )
    found, ignored, errors = _different(graph, nodes)
    if not found:
        raise errors[0]
    return ModelFile(
        where, "ONNX (a graph with recurrent nodes)", tuple(_wired(graph, found)), (*ignored, *map(str, errors))
    )


def _different(
    graph: OnnxGraph, nodes: list[Any]
) -> tuple[list[tuple[Any, Candidate]], tuple[str, ...], list[LstmvizError]]:
    """Every recurrent node with its candidate; branches often hold the same one twice, which is taken once."""
    found: list[tuple[Any, Candidate]] = []
    twice: list[str] = []
    errors: list[LstmvizError] = []
    names: set[str] = set()
    for node in nodes:
        try:
            candidate = candidate_of_node(graph, node)
        except LstmvizError as error:
            errors.append(error)
            continue
        same = next((each for _, each in found if replace(each, name=candidate.name) == candidate), None)
        if same:
            twice.append(f"{candidate.name}: the same weights as {same.name}")
            continue
        if candidate.name in names:
            candidate = replace(candidate, name=f"{candidate.name} ({len(found) + 1})")
        names.add(candidate.name)
        found.append((node, candidate))
    return found, tuple(twice), errors


def _wired(graph: OnnxGraph, found: list[tuple[Any, Candidate]]) -> list[Candidate]:
    """Nodes that follow each other, stacked, with the embedding in front and the dense layer behind."""
    upper: dict[int, int] = {}
    sources = [source(graph, node) for node, _ in found]
    for number, (producer, passed) in enumerate(sources):
        lower = next((place for place, (node, _) in enumerate(found) if node is producer), None)
        if lower is not None and lower != number and lower not in upper and joins(graph, found[lower][0], passed):
            upper[lower] = number
    finished_candidates: list[Candidate] = []
    for start in sorted(set(range(len(found))) - set(upper.values())):
        chain = [start]
        while chain[-1] in upper:
            chain.append(upper[chain[-1]])
        embedding = embedding_of(graph, sources[start][0], found[start][1])
        dense, notes = dense_of(graph, found[chain[-1]][0], found[chain[-1]][1])
        run = stacked([found[number][1] for number in chain])
        for place, each in enumerate(run):
            last = place == len(run) - 1
            candidate = replace(each, notes=each.notes + notes) if last else each
            finished_candidates.append(finished(candidate, None if place else embedding, dense if last else None))
    return finished_candidates
