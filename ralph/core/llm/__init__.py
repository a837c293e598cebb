"""A call of a language model: messages, request, provider, tools, prices and usage."""
