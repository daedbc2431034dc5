"""Write the ONNX model that multiplies vectors of 8-bit integers for the search.

    pip install onnx==1.23.2
    python tools/products_model.py

The model is a single operation and rarely changes, so its file is committed.
"""

from __future__ import annotations

from pathlib import Path

from onnx import TensorProto, checker, helper

TARGET = (
    Path(__file__).parents[1] / "server" / "memoryos_server" / "search" / "index" / "products.onnx"
)
OPERATOR_SET = 10
IR_VERSION = 4


def main() -> None:
    """Write the file."""
    # Without a zero point: with one, onnxruntime is five times slower.
    node = helper.make_node("MatMulInteger", ["query", "vectors"], ["products"])
    graph = helper.make_graph(
        [node],
        "products",
        [
            helper.make_tensor_value_info("query", TensorProto.UINT8, [1, "dimension"]),
            helper.make_tensor_value_info("vectors", TensorProto.INT8, ["dimension", "count"]),
        ],
        [helper.make_tensor_value_info("products", TensorProto.INT32, [1, "count"])],
    )
    operators = [helper.make_opsetid("", OPERATOR_SET)]
    model = helper.make_model(graph, opset_imports=operators, ir_version=IR_VERSION)
    checker.check_model(model)
    TARGET.write_bytes(model.SerializeToString())
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
