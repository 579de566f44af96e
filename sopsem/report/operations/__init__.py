"""A plant's results as pictures: panels that each state a finding, and the page that sets them together."""
