"""How the flows are, by Airflow's own records: last success, what failed since, late or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.config import load_config


@dataclass(frozen=True, slots=True)
class Stroom:
    """One flow; moments in UTC. ``hoogstens`` is how old its last success may be."""

    dag_id: str
    naam: str
    hoogstens: timedelta
    gepauzeerd: bool
    laatst_gelukt: datetime | None
    laatst_mislukt: datetime | None

    @property
    def te_laat(self) -> bool:
        """Whether its last success is too long ago. Of one that never ended nothing is known."""
        if self.gepauzeerd or (self.laatst_gelukt is None and self.laatst_mislukt is None):
            return False
        return self.laatst_gelukt is None or datetime.now(UTC) - self.laatst_gelukt > self.hoogstens

    @property
    def stand(self) -> str:
        """Return how it is, in a word or two."""
        if self.gepauzeerd:
            return "gepauzeerd"
        if self.te_laat:
            return "te laat"
        if self.laatst_gelukt is None:
            return "nog niet gelopen"
        failed_since = self.laatst_mislukt and self.laatst_mislukt > self.laatst_gelukt
        return "laatste keer mislukt" if failed_since else "in orde"


def list_stromen(session: Session) -> list[Stroom]:
    """Return the flows in the order of ``hub/config/stromen.yml``; one that is new is left out."""
    config = load_config("stromen")
    paused = dict(
        session.execute(
            select(DagModel.dag_id, DagModel.is_paused).where(DagModel.dag_id.in_(config))
        ).all()
    )
    ended = {
        (dag_id, state): moment
        for dag_id, state, moment in session.execute(
            select(DagRun.dag_id, DagRun.state, func.max(DagRun.end_date))
            .where(DagRun.dag_id.in_(config), DagRun.state.in_(("success", "failed")))
            .group_by(DagRun.dag_id, DagRun.state)
        )
    }
    return [
        Stroom(
            dag_id=dag_id,
            naam=told["naam"],
            hoogstens=timedelta(minutes=told["hoogstens_minuten"]),
            gepauzeerd=bool(paused[dag_id]),
            laatst_gelukt=ended.get((dag_id, "success")),
            laatst_mislukt=ended.get((dag_id, "failed")),
        )
        for dag_id, told in config.items()
        if dag_id in paused
    ]
