"""A portable scorecard: model, norms and questionnaire in one JSON file that scores new respondents without refitting.

``make_scorecard`` and ``read_scorecard`` give one, ``score`` uses it, ``team_scores`` tells of groups.
"""
