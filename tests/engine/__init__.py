"""A real engine, llama.cpp with a tiny trained model, under the adapters."""
