"""A fitted model as a complete script for another program, so that anybody can check it there."""
