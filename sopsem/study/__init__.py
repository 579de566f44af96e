"""Printed numbers beside recomputed ones: published studies, audit, twins, replication."""
