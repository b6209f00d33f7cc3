"""ONNX files are cut in memory, and broken ones are refused."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from lookalike.encoders.onnx.graph import outside, parse_graph, read_graph
from lookalike.errors import BadModel
from support.small_networks import SIDE, picture_network


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return picture_network(tmp_path_factory.mktemp("networks") / "pictures.onnx")


def run(model: bytes, pictures: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(model).run(None, {"images": pictures})[0]


@pytest.mark.parametrize("tensor", ["positive", "pooled", "features", "logits"])
def test_a_cut_network_gives_the_inner_tensor_and_holds_nothing_else(network, tensor):
    pictures = np.random.default_rng(0).normal(size=(2, 3, SIDE, SIDE)).astype(np.float32)
    whole = onnx.load(network)
    whole.graph.output.append(helper.make_empty_tensor_value_info(tensor))
    session = onnxruntime.InferenceSession(whole.SerializeToString())

    cut = read_graph(network).cut(tensor)

    assert np.array_equal(run(cut, pictures), session.run([tensor], {"images": pictures})[0])
    left = onnx.load_from_string(cut).graph
    assert [output.name for output in left.output] == [tensor]
    assert [weight.name for weight in left.initializer] == (["weights"] if tensor == "logits" else [])


def test_the_last_layer_can_be_named_by_its_kind(network):
    graph = read_graph(network)

    assert graph.tensor("before:Gemm") == "features"
    assert graph.tensor("before:Flatten") == "pooled"


@pytest.mark.parametrize("wanted", ["nothing", "before:Conv", "images"])
def test_a_tensor_that_is_not_there_is_refused_with_a_sentence(network, wanted):
    with pytest.raises(BadModel, match=r"The network has no"):
        read_graph(network).tensor(wanted)


@given(st.data())
def test_a_file_that_ends_early_is_refused(network, data):
    whole = network.read_bytes()
    length = data.draw(st.integers(0, len(whole) - 1))

    try:
        graph = parse_graph(whole[:length])
    except (IndexError, UnicodeDecodeError):
        return
    # What was cut off lies behind the graph then.
    assert graph.outputs == ("logits",)


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_parser(data):
    with pytest.raises((IndexError, UnicodeDecodeError)):
        parse_graph(data)


def test_what_the_branches_of_a_condition_read_is_kept():
    branch = helper.make_graph(
        [helper.make_node("Add", ["a", "weight"], ["sum"])],
        "then",
        [],
        [helper.make_tensor_value_info("sum", TensorProto.FLOAT, [1])],
    )
    graph = helper.make_graph(
        [
            helper.make_node("Neg", ["x"], ["a"]),
            helper.make_node("If", ["yes"], ["y"], then_branch=branch, else_branch=branch),
            helper.make_node("Abs", ["y"], ["z"]),
        ],
        "choice",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, [1])],
        [
            numpy_helper.from_array(np.ones(1, np.float32), "weight"),
            numpy_helper.from_array(np.array(True), "yes"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    cut = parse_graph(model.SerializeToString()).cut("y")

    assert onnxruntime.InferenceSession(cut).run(None, {"x": np.float32([3])})[0] == [-2]


@pytest.mark.parametrize("location", ["../weights", "/etc/passwd", "a/../../b", "C:\\weights", "..\\weights"])
def test_weights_outside_the_folder_are_noticed(tmp_path, location):
    model = onnx.load(picture_network(tmp_path / "pictures.onnx"))
    weight = model.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value=location)

    assert outside(parse_graph(model.SerializeToString())) == location
