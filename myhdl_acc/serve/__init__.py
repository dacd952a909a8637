"""A compressed model behind the HTTP interface that OpenAI's clients speak (docs/serve.md)."""
