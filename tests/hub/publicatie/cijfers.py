"""Finest counts of made-up cities, as the marts count them."""

from __future__ import annotations

import numpy as np
import pandas as pd

STAPPEN = (
    "vraag", "start", "voorgevuld", "aangemeld", "ontvangen", "huisbezoek", "advies",
    "renovatieplan", "offertes", "opdracht", "uitvoering", "oplevering", "premie", "afgerond",
)  # fmt: skip
FASEN = ("gevraagd", "verzonden", "ontvangen", "gepland", "advies", "afgerond")
KANALEN = ("formulier", "telefoon", "mail", "balie")
LABELS = ("A", "B", "C", "D", "E", "F", "onbekend")
PARTNERS = ("dialoog", "igo", "coop", "isolatieteam")
PREMIES = ("dak", "muur", "glas", "pomp", "lening")
_BLIJFT = (1, 0.85, 0.95, 0.75, 0.95, 0.8, 0.85, 0.7, 0.7, 0.6, 0.9, 0.9, 0.7, 0.8)


def make_dossiers(*, vragen: int, maanden: int, wijken: int, seed: int) -> pd.DataFrame:
    """Return dossiers with all that the marts look at, and how far each gets in the end.

    ``maand`` numbers the month of the question; ``tempo`` is the number of steps a month.
    """
    rng = np.random.default_rng(seed)
    count = rng.poisson(vragen, maanden)
    month = np.repeat(np.arange(maanden), count)
    n = len(month)
    starts = pd.date_range("2023-11-01", periods=maanden, freq="MS").strftime("%Y-%m-%d")
    reach, alive = np.zeros(n, int), np.ones(n, bool)
    for i, stays in enumerate(_BLIJFT):
        alive &= rng.random(n) < stays
        reach[alive] = i
    weights = rng.dirichlet(np.full(wijken, 4.0))
    return pd.DataFrame(
        {
            "periode": np.array(starts)[month],
            "maand": month,
            "wijk_code": [f"W{w:02d}" for w in rng.choice(wijken, n, p=weights)],
            "kanaal": rng.choice(KANALEN, n, p=[0.5, 0.3, 0.15, 0.05]),
            "reach": reach,
            "tempo": rng.integers(1, 5, n),
            "start": rng.choice(LABELS, n),
            "nu": rng.choice(LABELS, n),
            "sprong": rng.choice(["gelijk", "1 klasse", "2 klassen"], n),
            "partner": rng.choice(PARTNERS, n, p=[0.55, 0.3, 0.1, 0.05]),
            "fase": rng.integers(0, len(FASEN), n),
            "afloop": rng.choice(["geweigerd", "ingetrokken", ""], n, p=[0.05, 0.05, 0.9]),
            "premie_code": rng.choice(PREMIES, n),
            "uitkomst": rng.choice(["lopend", "toegekend", "geweigerd", "betaald"], n),
            "bedrag_klasse": rng.choice(["< 1000", "1000-5000", "> 5000"], n),
        }
    )


def as_of(dossiers: pd.DataFrame, maand: int) -> pd.DataFrame:
    """Return the dossiers as they were at the end of a month, by its number."""
    there = dossiers[dossiers.maand <= maand]
    steps = (maand - there.maand + 1) * there.tempo - 1
    return there.assign(reach=np.minimum(there.reach, steps), fase=np.minimum(there.fase, steps))


def finest(dossiers: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Count the dossiers by the keys of every mart that counts persons."""
    steps = [dossiers[dossiers.reach >= i].assign(stap=s) for i, s in enumerate(STAPPEN)]
    labels = [dossiers.assign(moment=m, epc_label=dossiers[m]) for m in ("start", "nu")]
    times = [
        dossiers[dossiers.reach >= i].assign(traject=t)
        for t, i in (("start", 1), ("advies", 6), ("afgerond", 13))
    ]
    sent = dossiers[dossiers.reach >= 3]
    phases = [sent[sent.fase >= i].assign(fase=f) for i, f in enumerate(FASEN)]
    ended = sent[sent.afloop != ""]
    asked = dossiers[dossiers.reach >= 9]
    asked = asked.assign(soort=np.where(asked.premie_code == "lening", "lening", "premie"))
    homes = [dossiers.assign(soort="alle"), dossiers[dossiers.start > "C"].assign(soort="dak")]
    return {
        "mart_trechter": _count(pd.concat(steps), ["periode", "wijk_code", "stap"]),
        "mart_kanaal": _count(dossiers, ["periode", "wijk_code", "kanaal"]),
        "mart_label": _count(pd.concat(labels), ["periode", "wijk_code", "moment", "epc_label"]),
        "mart_labelsprong": _count(
            dossiers[dossiers.reach >= 11], ["periode", "wijk_code", "sprong"]
        ),
        "mart_doorlooptijd": _count(pd.concat(times), ["periode", "wijk_code", "traject"]),
        "mart_partner": _count(
            pd.concat([*phases, ended.assign(fase=ended.afloop)]), ["periode", "partner", "fase"]
        ),
        "mart_partner_tijd": _count(pd.concat(phases[3:]), ["periode", "partner", "fase"]),
        "mart_aanvraag": _count(
            asked,
            ["periode", "wijk_code", "soort", "premie_code", "uitkomst", "bedrag_klasse"],
        ),
        "mart_aanbeveling": _count(pd.concat(homes), ["wijk_code", "soort"]),
    }  # fmt: skip


def _count(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return frame.groupby(keys).size().rename("aantal").reset_index()
