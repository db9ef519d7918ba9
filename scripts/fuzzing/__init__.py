"""The fuzzer: what reads foreign bytes, each as a function of bytes; see ``scripts/fuzz``."""
