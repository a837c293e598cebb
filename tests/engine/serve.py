"""llama.cpp's own HTTP server in a process of its own: prints its URL, serves until its stdin closes."""

from __future__ import annotations

import sys

import xllamacpp


def main(model: str) -> None:
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.n_ctx = 4096
    params.n_parallel = 1
    params.verbosity = 0
    params.ui = False
    params.endpoint_slots = True
    # With two threads on busy cores generation fell to 2 tok/s (spin barriers); with one it stays above 1,000.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
