"""Mounts every simulator behind its gateway in one application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import Scope

from sandbox.acm.app import create_acm_app, name_acm_operation
from sandbox.basisregisters.app import create_basisregisters_app, name_basisregisters_operation
from sandbox.basisregisters.wijzigingen import (
    create_wijzigingen_app,
    name_wijzigingen_operation,
)
from sandbox.burger.app import create_burger_app, name_burger_operation
from sandbox.control import create_control_app
from sandbox.crm.app import create_crm_app, name_crm_operation
from sandbox.crm.bewoner.routes import build_bewoner_routes
from sandbox.crm.pagina import build_pagina_routes
from sandbox.dialoog.app import answer_nowhere, create_partner_app, name_partner_operation
from sandbox.dialoog.partij import dialoog, igo
from sandbox.dosis.app import create_dosis_app, name_dosis_operation
from sandbox.gateway import Gateway
from sandbox.grb.app import create_grb_app, name_grb_operation
from sandbox.magda.app import create_magda_app
from sandbox.magda.dosis import Dossiers
from sandbox.notificaties.app import create_notificaties_app, name_notificaties_operation
from sandbox.omgeving.inventaris import Inventaris, name_inventaris_operation
from sandbox.omgeving.lagen import DOV, MERCATOR
from sandbox.omgeving.wfs import Wfs
from sandbox.omgeving.wms import Overstromingskaart, name_wms_operation
from sandbox.sftp.server import serve
from sandbox.sftp.uitgave import Uitgave
from sandbox.sftp.verwerking import Loket
from sandbox.stad.groei import restore_city
from sandbox.viruskeuring.server import serve_keuring
from sandbox.world import World


def name_magda_operation(scope: Scope) -> tuple[str, str]:
    """Tell system and operation of a MAGDA request from its path."""
    parts = scope["path"].rstrip("/").split("/")
    if "dosis" in parts:
        return "dosis", parts[-1]
    return "epc", "GeefEpc"


def create_app(
    world: World, *, host: str = "127.0.0.1", sftp_port: int = 0, keuring_port: int = 0
) -> Starlette:
    """Build the application; the city is as the state remembers it.

    With ``sftp_port`` the partner IGO also takes files there; with ``keuring_port`` a scanner
    listens there.
    """
    restore_city(world)
    beside = world.beside("igo")
    services = {
        partij.naam: (own, partij, create_partner_app(own, partij))
        for own, partij in ((world, dialoog(world)), (beside, igo(world)))
    }
    dossiers = Dossiers(world.state)
    mercator, dov = Wfs(world, MERCATOR, "erfgoed"), Wfs(world, DOV, "bodem")
    routes: list[BaseRoute] = [
        Mount("/_control", create_control_app(world, beside={"igo": beside})),
        *build_pagina_routes(world),
        *build_bewoner_routes(world),
        Mount("/crm", Gateway(create_crm_app(world), world, name_crm_operation)),
        Mount(
            "/basisregisters/v2",
            Gateway(create_basisregisters_app(world), world, name_basisregisters_operation),
        ),
        *(
            Mount(f"/{naam}", Gateway(service, own, partial(name_partner_operation, naam)))
            for naam, (own, _, service) in services.items()
        ),
        Mount(
            "/basisregisters/v3",
            Gateway(create_wijzigingen_app(world), world, name_wijzigingen_operation),
        ),
        Mount("/grb/ogc/features/v1", Gateway(create_grb_app(world), world, name_grb_operation)),
        Mount("/magda", Gateway(create_magda_app(world, dossiers), world, name_magda_operation)),
        Mount(
            "/notificaties",
            Gateway(create_notificaties_app(world), world, name_notificaties_operation),
        ),
        Mount("/dosis", Gateway(create_dosis_app(world, dossiers), world, name_dosis_operation)),
        Mount("/acm", Gateway(create_acm_app(world), world, name_acm_operation)),
        Mount("/burger", Gateway(create_burger_app(world), world, name_burger_operation)),
        Mount("/mercator", Gateway(mercator, world, mercator.identify)),
        Mount("/dov", Gateway(dov, world, dov.identify)),
        Mount("/waterinfo", Gateway(Overstromingskaart(world), world, name_wms_operation)),
        Mount("/inventaris", Gateway(Inventaris(world), world, name_inventaris_operation)),
    ]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as beside_requests:
            beside_requests.callback(asyncio.create_task(world.stilstand.run()).cancel)
            if sftp_port:
                own, partij, service = services["igo"]
                folder = own.state.path.parent / "bestanden"
                acceptor = await serve(own, folder, host, sftp_port)
                beside_requests.callback(acceptor.close)
                desk = Loket(own, folder, service, partij.token)
                for work in (desk.run(), Uitgave(own, folder).run()):
                    beside_requests.callback(asyncio.create_task(work).cancel)
            if keuring_port:
                scanner = await serve_keuring(world, host, keuring_port)
                beside_requests.callback(scanner.close)
            yield

    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={404: answer_nowhere})
