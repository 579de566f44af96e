"""The only door to numbers about groups of people.

``published_groups`` gives a ``ReleasedTable``: rounded, small groups hidden, and checked against those who add and
subtract.  ``perception_gaps`` (sopsem.client.gaps) passes the same door.  A report prints nothing else of groups.
"""
