"""Models: files, tokenizers, compression, training, the floating-point reference. Imports golden, never the reverse."""
