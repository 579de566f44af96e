"""The model of a plan from tables: hours, prices and demand of every period, and what delay and stock cost."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, fault, nearest, quote, refusal, warning
from sopsem.executive.plant import Plant, market, origin, plant_of, structure_of
from sopsem.executive.scenario.model import PlanModel, Workforce
from sopsem.executive.schema.periods import frequency_of, periods_per_year
from sopsem.executive.schema.tables import Tables

__all__ = ["Amount", "built"]

SOURCE = "Chopra & Meindl, ch. 8; Holt, Modigliani, Muth & Simon 1960"
Amount = float | Mapping[str, float]


def built(
    tables: Tables,
    *,
    overtime: bool,
    backlog_cost: Amount | None,
    holding_rate: Amount | None,
    subcontract: Amount | None,
    hire_fire: Sequence[Workforce],
    service_floor: float,
    start_stock: Amount,
    end_stock: Amount,
    start_backlog: Amount,
    clear_backlog: bool,
) -> PlanModel:
    """Return the model of a plan over every period of demand; see ``plan_horizon``."""
    asked, notices = _asked(tables)
    structure = structure_of(tables)
    plants = [plant_of(tables, p, asked.loc[p], structure=structure, overtime=overtime) for p in asked.index]
    products = plants[0].products
    resources = tuple(dict.fromkeys(r for plant in plants for r in plant.resources))
    known = _of_resources(tables, resources)
    variable = np.array([plant.variable for plant in plants])
    if not 0 <= service_floor <= 1:
        message = f"service_floor is {service_floor:g}; it is a share from 0 to 1"
        raise refusal([fault("T34", message)])
    _known_workers(hire_fire, resources)
    return PlanModel(
        periods=tuple(str(p) for p in asked.index),
        products=products,
        resources=resources,
        hours=structure.hours.loc[list(resources), list(products)].to_numpy(float),
        available=_by_resource(plants, resources, "available", np.inf),
        overtime=_by_resource(plants, resources, "overtime", 0.0),
        overtime_cost=_by_resource(plants, resources, "overtime_cost", 0.0).max(axis=0),
        price=np.array([plant.price for plant in plants]),
        variable=variable,
        demand=np.array([plant.market for plant in plants]),
        least=np.array([plant.least for plant in plants]),
        holding=_holding(tables, products, variable[0], holding_rate, str(asked.index[0])),
        backlog_cost=_amounts(backlog_cost, products, "backlog_cost", np.inf),
        subcontract=_amounts(subcontract, products, "subcontract", np.inf),
        start_stock=_amounts(start_stock, products, "start_stock", 0.0),
        end_stock=_amounts(end_stock, products, "end_stock", 0.0),
        start_backlog=_amounts(start_backlog, products, "start_backlog", 0.0),
        clear_backlog=clear_backlog,
        service_floor=service_floor,
        shift_hours=known["shift_hours"].fillna(0.0).to_numpy(float),
        shift_cost=known["shift_cost_period"].to_numpy(float),
        workforce=tuple(hire_fire),
        servers=known["servers"].fillna(1.0).to_numpy(float),
        shares=_shares(tables, products),
        notices=(*tables.notices, *notices, *(n for plant in plants for n in plant.notices)),
        excluded=tables.excluded,
        provenance=origin("E31", SOURCE, tables),
    )


def _asked(tables: Tables) -> tuple[pd.DataFrame, list[Notice]]:
    """Return demand by period and product; what is in no row of demand is asked for by nobody, and that is said."""
    asked = market(tables)
    products = [str(p) for p in tables["products"].frame["product_id"]]
    absent = [p for p in products if p not in asked.columns]
    notices = []
    if absent:
        message = f"no demand for {', '.join(map(quote, absent[:5]))}: taken as asked for by nobody"
        notices.append(warning("T36", message, table="demand", column="product_id"))
    return asked.reindex(columns=products).fillna(0.0), notices


def _by_resource(plants: list[Plant], resources: tuple[str, ...], name: str, missing: float) -> np.ndarray:
    rows = [pd.Series(getattr(plant, name), index=plant.resources).reindex(resources) for plant in plants]
    return np.array([row.fillna(missing).to_numpy(float) for row in rows])


def _of_resources(tables: Tables, names: tuple[str, ...]) -> pd.DataFrame:
    columns = ["shift_hours", "shift_cost_period", "servers"]
    if "resources" not in tables:
        return pd.DataFrame(np.nan, index=list(names), columns=columns)
    return tables["resources"].frame.set_index("resource_id").reindex(list(names))[columns]


def _holding(
    tables: Tables, products: tuple[str, ...], variable: np.ndarray, given: Amount | None, period: str
) -> np.ndarray:
    """Return the cost of a unit in stock at the end of a period: rate per year x variable cost / periods per year."""
    usual = tables.policy["inventory"]["holding_rate"]
    own = tables["products"].frame.set_index("product_id")["holding_rate"].reindex(list(products))
    rate = own.fillna(usual).to_numpy(float)
    if given is not None:
        rate = _amounts(given, products, "holding_rate", usual)
    return np.asarray(rate * variable / periods_per_year(frequency_of(period)))


def _amounts(given: Amount | None, products: tuple[str, ...], name: str, missing: float) -> np.ndarray:
    """Return one number per product from a number for all or a mapping.

    Raises
    ------
    DataError
        T05 for a product that is not known, T06 for a negative number.

    """
    if given is None:
        return np.full(len(products), missing)
    if isinstance(given, Mapping):
        unknown = [p for p in given if p not in products]
        if unknown:
            message = f"{name}: there is no product {quote(unknown[0])}{nearest(unknown[0], products)}"
            raise refusal([fault("T05", message)])
        values = np.array([float(given.get(p, missing)) for p in products])
    else:
        values = np.full(len(products), float(given))
    if not (values >= 0).all():
        message = f"{name} is {values[~(values >= 0)][0]:g}; it must be 0 or more"
        raise refusal([fault("T06", message)])
    return values


def _known_workers(hire_fire: Sequence[Workforce], resources: tuple[str, ...]) -> None:
    for force in hire_fire:
        if force.resource not in resources:
            near = nearest(force.resource, resources)
            message = f"hire_fire: no hours of resource {quote(force.resource)} are known{near}"
            raise refusal([fault("T05", message)])
        if min(force.workers, force.wage, force.hire, force.lay_off) < 0:
            raise refusal([fault("T06", f"hire_fire of {quote(force.resource)}: a number is negative")])


def _shares(tables: Tables, products: tuple[str, ...]) -> pd.DataFrame:
    """Return each sales unit's part of the demand for each product."""
    wide = tables["demand"].frame.pivot_table(
        index="sales_unit", columns="product_id", values="quantity", aggfunc="sum"
    )
    wide = wide.reindex(columns=list(products)).fillna(0.0)
    total = wide.sum()
    return wide / total.where(total > 0, 1.0)
