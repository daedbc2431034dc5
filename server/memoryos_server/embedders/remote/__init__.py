"""Embedders that call a service: OpenAI, or one that speaks its protocol, and Ollama."""
