"""Numerical kernel: arrays in, arrays out; no pandas, no names, no I/O, no random numbers, no warnings."""
