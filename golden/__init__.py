"""The number contract: formats, units, models, compression and the integer decoder, exact to the bit."""
