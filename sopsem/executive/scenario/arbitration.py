"""E33: the plan as sales, operations and the enterprise would make it; what each costs, and who pays."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from sopsem.executive.notices import Notice, fault, nearest, quote, refusal, warning
from sopsem.executive.result import Provenance, Result
from sopsem.executive.scenario.linear import Linear
from sopsem.executive.scenario.measures import loads_of, measures_of, revenue_of
from sopsem.executive.scenario.model import PlanModel, linear_of, parts_of

__all__ = ["Arbitration", "arbitrate"]

SAME = 1e-6
VIEWS = ("enterprise", "sales", "operations")
MATERIAL = 0.01
SIGNED = ("sales", "operations", "finance")
Parts = dict[str, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Arbitration(Result):
    """Views and options side by side.

    ``table``: option, kind (view or option), feasible, profit, revenue, cost, service, late, lost, end_backlog,
    peak_utilisation, overtime_hours, average_stock, lowest_cash, regret (profit behind the enterprise view),
    relaxation (the fewest hours more that would make it possible).  ``deltas``: the same measures less those of the
    enterprise view.  ``parties``: option, kind (sales unit or resource), party, measure, amount, delta.
    ``record``: field, entry, to be completed and signed.
    """

    deltas: pd.DataFrame
    parties: pd.DataFrame
    record: pd.DataFrame


def arbitrate(
    model: PlanModel,
    *,
    options: Mapping[str, PlanModel] | None = None,
    upper: float | Mapping[str, float] = 0.85,
) -> Arbitration:
    """Return what the functional views and concrete options bring against the plan of the enterprise.

    Enterprise: most contribution net of all costs.  Sales: most revenue within all limits, overtime included; among
    those plans the most profitable.  Operations: no overtime, every resource loaded to its upper end at most; fewest
    units late or lost, period by period summed, then the least cost, then the least change of load between periods.

    Parameters
    ----------
    model : PlanModel
        Of a ``Plan``.
    options : mapping of name to PlanModel, optional
        A promotion, contract or shift of hours, as changed models; each is planned as the enterprise would.
    upper : float or mapping by resource
        Upper end of the corridor of utilisation, for the view of operations.

    Returns
    -------
    Arbitration
        Notices T14 (a view is impossible, with its smallest relaxation), T29 (no material difference: within 1 %).
        A sales unit's part of a product is its part of the demand for it.

    Raises
    ------
    DataError
        T05 for a resource that is not known, T34 for an upper end outside 0 to 1 or an option named as a view.

    Examples
    --------
    >>> from sopsem.executive.scenario.trial import small_model
    >>> found = arbitrate(small_model())
    >>> found.table[["option", "profit", "regret"]].round(1).values.tolist()
    [['enterprise', 8970.0, 0.0], ['sales', 8970.0, 0.0], ['operations', 7631.2, 1338.8]]
    >>> found.summary["recommended"]
    'enterprise'

    """
    named = dict(options or {})
    taken = [name for name in named if name in VIEWS]
    if taken:
        raise refusal([fault("T34", f"option {quote(taken[0])} has the name of a view; choose another")])
    models = {**dict.fromkeys(VIEWS, model), **named}
    limited = _restrained(model, upper)
    solved = {
        name: _operations(limited) if name == "operations" else _solved(name, m) for name, m in models.items()
    }
    rows = [_row(name, models[name], solved[name], limited) for name in models]
    table = pd.DataFrame(rows)
    profit = table.set_index("option")["profit"]
    table.insert(4, "regret", float(profit["enterprise"]) - table["profit"])
    recommended, near = _recommended(profit, named)
    return Arbitration(
        table=table,
        deltas=_deltas(table),
        parties=_parties(models, solved),
        record=_record(table, recommended, near),
        summary={
            "recommended": recommended,
            "material": not near,
            "profit": float(profit[recommended]) if recommended else float("nan"),
            "enterprise_profit": float(profit["enterprise"]),
            "regret_sales": float(profit["enterprise"] - profit["sales"]),
            "regret_operations": float(profit["enterprise"] - profit["operations"]),
            "n_options": len(named),
        },
        notices=[*model.notices, *_noticed(table, recommended, near)],
        excluded=model.excluded,
        provenance=Provenance(
            formula="E33",
            source="Chopra & Meindl, ch. 9; Savage 1951 (regret)",
            policy=model.provenance.policy,
            inputs=model.provenance.inputs,
        ),
    )


def _restrained(model: PlanModel, upper: float | Mapping[str, float]) -> PlanModel:
    """Return the model of operations: no overtime, resources loaded to their upper ends at most."""
    given = upper if isinstance(upper, Mapping) else dict.fromkeys(model.resources, upper)
    shares = np.ones(len(model.resources))
    for name, share in given.items():
        if name not in model.resources:
            near = nearest(name, model.resources)
            raise refusal([fault("T05", f"upper: there is no resource {quote(name)}{near}")])
        if not 0 < share <= 1:
            message = f"upper of {quote(name)} is {share:g}; it must be above 0 and at most 1"
            raise refusal([fault("T34", message)])
        shares[model.resources.index(name)] = share
    return replace(model, available=model.available * shares, overtime=np.zeros_like(model.overtime))


def _solved(name: str, model: PlanModel) -> Parts | None:
    program = linear_of(model)
    stages = [program.revenue, program.gain] if name == "sales" else [program.gain]
    return _in_stages(model, program, stages)


def _in_stages(model: PlanModel, program: Linear, stages: list[np.ndarray]) -> Parts | None:
    """Return the plan that is best by the first aim, among those by the second, and so on."""
    found = None
    for aim in stages:
        at = program.solve(gain=aim)
        if at is None:
            break  # the first stage is impossible; a later one can only fail by rounding
        found, program = at, program.at_least(aim, at.value)
    return None if found is None else parts_of(model, found.z[: len(linear_of(model).gain)])


def _operations(model: PlanModel) -> Parts | None:
    program = linear_of(model)
    ones, nothing = np.ones(model.demand.size), np.zeros(model.demand.size)
    missed = np.r_[np.tile(nothing, 4), ones, ones]
    late = np.r_[missed, np.zeros(len(program.gain) - len(missed))]
    wide, change = _with_change(model, program)
    pad = np.zeros(len(change) - len(late))
    stages = [np.r_[-late, pad], np.r_[-program.cost, pad], -change]
    return _in_stages(model, wide, stages)


def _with_change(model: PlanModel, program: Linear) -> tuple[Linear, np.ndarray]:
    """Return the programme with rises and falls of load between periods as variables, and their sum."""
    t, r, n = len(model.periods), len(model.resources), len(program.gain)
    m = (t - 1) * r
    steps = sparse.kron(
        sparse.eye_array(t - 1, t, k=1) - sparse.eye_array(t - 1, t), sparse.csr_array(model.hours)
    )
    one = sparse.eye_array(m)
    rest = sparse.csr_array((m, n - model.demand.size))
    moves = sparse.hstack([steps, rest, -one, one])
    more = 2 * m
    wide = replace(
        program,
        gain=np.r_[program.gain, np.zeros(more)],
        upper_rows=sparse.hstack([program.upper_rows, sparse.csr_array((len(program.upper), more))]).tocsr(),
        equal_rows=sparse.vstack(
            [sparse.hstack([program.equal_rows, sparse.csr_array((len(program.equal), more))]), moves]
        ).tocsr(),
        equal=np.r_[program.equal, np.zeros(m)],
        low=np.r_[program.low, np.zeros(more)],
        high=np.r_[program.high, np.full(more, np.inf)],
    )
    return wide, np.r_[np.zeros(n), np.ones(more)]


def _row(name: str, model: PlanModel, parts: Parts | None, limited: PlanModel) -> dict[str, object]:
    kind = "view" if name in VIEWS else "option"
    start = {"option": name, "kind": kind, "feasible": parts is not None}
    if parts is None:
        names = measures_of(model, _empty(model))
        lacking = _relaxation(limited if name == "operations" else model)
        return {**start, **dict.fromkeys(names, float("nan")), "relaxation": lacking}
    return {**start, **measures_of(model, parts), "relaxation": ""}


def _empty(model: PlanModel) -> Parts:
    return parts_of(model, np.zeros(len(linear_of(model).gain)))


def _relaxation(model: PlanModel) -> str:
    lacking = linear_of(model).missing_hours()
    if lacking is None:
        return "no hours would do: contract minima are above what is asked for"
    wide = lacking.reshape(len(model.periods), -1)
    cells = np.argwhere(wide > SAME)
    return "; ".join(f"{model.resources[r]} in {model.periods[t]}: {wide[t, r]:,.6g} hours" for t, r in cells)


def _recommended(profit: "pd.Series[float]", options: dict[str, PlanModel]) -> tuple[str, list[str]]:
    """Return the most profitable of enterprise and options, and those within 1 % of it."""
    candidates = profit[["enterprise", *options]].dropna()
    if candidates.empty:
        return "", []
    best = str(candidates.idxmax())
    close = candidates[candidates >= candidates[best] - MATERIAL * abs(candidates[best])]
    return best, [str(name) for name in close.index if name != best]


def _deltas(table: pd.DataFrame) -> pd.DataFrame:
    measures = table.drop(columns=["kind", "feasible", "relaxation", "regret"]).set_index("option")
    return (measures - measures.loc["enterprise"]).reset_index()


def _parties(models: Mapping[str, PlanModel], solved: Mapping[str, Parts | None]) -> pd.DataFrame:
    """Return revenue and late units by sales unit, load and overtime by resource, each against the enterprise."""
    amounts = [row for name, parts in solved.items() if parts for row in _amounts(name, models[name], parts)]
    frame = pd.DataFrame(amounts, columns=["option", "kind", "party", "measure", "amount"])
    keys = ["kind", "party", "measure"]
    base = frame[frame["option"] == "enterprise"].set_index(keys)["amount"]
    own = pd.MultiIndex.from_frame(frame[keys])
    return frame.assign(delta=frame["amount"] - base.reindex(own).to_numpy(float))


def _amounts(name: str, model: PlanModel, parts: Parts) -> list[tuple[str, str, str, str, float]]:
    _, load = loads_of(model, parts)
    revenue = revenue_of(model, parts).sum(axis=0)
    missed = (parts["backlog"] + parts["lost"]).sum(axis=0)
    shares = model.shares
    sales = {"revenue": shares.to_numpy() @ revenue, "late or lost": shares.to_numpy() @ missed}
    made = {"load": load.sum(axis=0), "overtime": parts["overtime"].sum(axis=0)}
    rows = [
        (name, "sales unit", str(party), measure, float(value))
        for measure, values in sales.items()
        for party, value in zip(shares.index, values, strict=True)
    ]
    return rows + [
        (name, "resource", party, measure, float(value))
        for measure, values in made.items()
        for party, value in zip(model.resources, values, strict=True)
    ]


def _record(table: pd.DataFrame, recommended: str, near: list[str]) -> pd.DataFrame:
    """Return the decision record: what is known is filled in, what people decide is left open."""
    rows = [("question", "")]
    rows += [
        (f"alternative: {row.option}", f"profit {row.profit:,.0f}" if row.feasible else "impossible")
        for row in table.itertuples(index=False)
    ]
    rows += [
        ("recommended", recommended),
        ("no material difference to", ", ".join(near)),
        *((name, "") for name in ("decision", "reasons", "conditions and review date", "compensation")),
        *((f"signed for {name}", "") for name in SIGNED),
        ("date", ""),
    ]
    return pd.DataFrame(rows, columns=["field", "entry"])


def _noticed(table: pd.DataFrame, recommended: str, near: list[str]) -> list[Notice]:
    notices = [
        warning("T14", f"{row.option}: impossible; smallest relaxation: {row.relaxation}")
        for row in table[~table["feasible"]].itertuples(index=False)
    ]
    if near:
        message = f"no material difference between {recommended} and {', '.join(near)}: within 1 % of profit"
        notices.append(warning("T29", message))
    return notices
