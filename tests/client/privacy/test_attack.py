"""The attack of analysis/benchmarks: finds nothing in protected reports, much in unprotected ones."""

import sys
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

BENCHMARKS = Path(__file__).resolve().parents[3] / "analysis" / "benchmarks"


@pytest.fixture(scope="module")
def scripts():
    """The attack as modules."""
    places = [str(BENCHMARKS), str(BENCHMARKS / "privacy_parts")]
    sys.path[:0] = places
    import privacy_attack
    import privacy_reconstruction

    yield privacy_attack, privacy_reconstruction
    for place in places:
        sys.path.remove(place)


def test_sets_of_answers_are_counted_rightly(scripts):
    _, reconstruction = scripts
    n, m = 4, 6
    table = reconstruction.ways(n, m)[n]
    counted = np.zeros_like(table)
    for each in combinations_with_replacement(range(m + 1), n):
        counted[sum(each), sum(v * v for v in each)] += 1
    assert np.array_equal(table, counted)
    for total, squares in np.argwhere(counted)[::7]:
        listed = list(reconstruction.sets(n, int(total), int(squares), m))
        assert len(listed) == len(set(listed)) == counted[total, squares]


def test_few_people_with_mean_and_sd_are_recovered(scripts):
    """The reason for the thresholds: of three people nearly every mean and SD tell the answers, of ten few."""
    _, reconstruction = scripts
    scale = reconstruction.Scale(low=1.0, step=1.0, m=6, decimals=2)
    shares = {}
    for n in (3, 5, 10):
        rng, found = np.random.default_rng(n), 0
        for _ in range(40):
            x = rng.integers(1, 8, n)
            printed = dict.fromkeys(("ci_lower", "ci_upper", "q25", "median", "q75"), np.nan)
            printed |= {"mean": round(x.mean(), 2), "sd": round(x.std(ddof=1), 2)}
            group = reconstruction.Group(name="few", n=n, printed=printed)
            everybody = reconstruction.Group(name="all", n=n, printed=printed)
            found += bool(reconstruction.recovered([group], everybody, scale))
        shares[n] = found / 40
    assert shares[3] > 0.9 > shares[5] > shares[10]


def test_the_truth_is_never_ruled_out(scripts):
    """An attack that excludes what is true would find nothing anywhere."""
    attack, reconstruction = scripts
    responses = attack.read(attack.company(3))
    department = responses.respondents["department"]
    sizes = {"all respondents": len(responses), **department.value_counts().to_dict()}
    table, _ = attack.unprotected(responses, sizes)
    rows = table[table["construct"] == "alignment"].set_index("group")
    groups = [
        reconstruction.Group(name=g, n=n, printed=rows.loc[g, list(attack.NUMBERS)].astype(float).to_dict())
        for g, n in sizes.items()
    ]
    reconstruction.recovered(groups[1:], groups[0], attack.scale_of("alignment", 2))
    steps = np.rint((responses.items[["ali1", "ali2", "ali3", "ali4"]].sum(axis=1) - 4).to_numpy()).astype(
        int
    )
    for group in groups[1:]:
        own = steps[(department == group.name).to_numpy()]
        assert [own.sum(), (own**2).sum()] in group.possible.tolist()


@pytest.mark.parametrize("seed", [1, 8])
def test_protected_reports_tell_of_nobody_and_unprotected_ones_do(scripts, seed):
    attack, _ = scripts
    found = attack.one_report(seed)
    assert found["recovered_protected"] == 0
    assert found["recovered_unprotected"] > 0
    assert found["second_refused"] == found["second_needs"]


def test_without_the_check_for_other_answers_the_attack_bites(scripts, monkeypatch):
    """Thresholds alone are not enough: a department that all but agrees gives itself away."""
    from sopsem.client.privacy import column_release

    attack, _ = scripts
    company = attack.company
    monkeypatch.setattr(attack, "FIRST_ORDER", ["alignment"])

    def agreed(seed):
        frame = company(seed)
        items = list(attack.INSTRUMENT.items_of("alignment"))
        frame.loc[frame["department"] == "sales", items] = 7.0
        return frame

    monkeypatch.setattr(attack, "company", agreed)
    assert attack.one_report(2)["recovered_protected"] == 0
    monkeypatch.setattr(column_release, "_hide_by_reading", lambda *_: False)
    assert attack.one_report(2)["recovered_protected"] > 0


def test_the_attack_on_record_recovered_nothing():
    """200 reports: what ``privacy_attack.py`` wrote."""
    known = pd.read_csv(BENCHMARKS / "privacy_attack_results.csv")
    assert known["report"].tolist() == list(range(200))
    assert known["recovered_protected"].sum() == 0
    assert known["recovered_unprotected"].sum() > 0.5 * known["attacked"].sum()
    assert (known["second_refused"] == known["second_needs"]).all()
