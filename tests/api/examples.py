"""A valid input for every procedure. A procedure without one fails the walks of the router."""

import json
from dataclasses import dataclass
from typing import Any

from watchglass.builder.blank import blank_graph
from watchglass.model.permission import Permission

Inputs = dict[str, dict[str, Any] | None]

SHOP = {"kind": "http", "baseUrl": "https://shop.example"}
IN_PROJECT = frozenset({Permission.LOOK, Permission.PAYLOADS, Permission.EDIT, Permission.OWN})


@dataclass(frozen=True)
class Things:
    """Ids of what one project has."""

    project: str
    workflow: str
    execution: str
    connection: str
    backfill: str
    schedule: str
    service: str
    member: str
    service_name: str = "shop"
    stranger: str = "nobody-yet"
    """Somebody with an account who is no member."""
    event: int = 5
    name: str = "theirs"
    """What new things are called."""

    @property
    def graph(self) -> dict[str, Any]:
        return blank_graph(self.name).model_dump(mode="json", by_alias=True)


NO_RULES: dict[str, list[str]] = {"keys": [], "paths": [], "patterns": [], "expressions": []}


def project_inputs(things: Things) -> Inputs:
    """For the procedures that are about a project."""
    return {
        "attention.badEnds": {"projectId": things.project},
        "attention.get": {"projectId": things.project},
        "attention.list": {"projectId": things.project},
        "audit.list": {"projectId": things.project},
        "audit.people": {"projectId": things.project},
        "backfill.cancel": {"backfillId": things.backfill},
        "backfill.estimate": {"connectionId": things.connection},
        "backfill.get": {"backfillId": things.backfill},
        "backfill.list": {"projectId": things.project},
        "backfill.start": {"connectionId": things.connection, "all": True},
        "builder.getPlace": {"projectId": things.project},
        "component.list": {"projectId": things.project},
        "connection.create": {"projectId": things.project, "address": "127.0.0.1:1", "namespace": things.name},
        "connection.decodeAtSync": {"connectionId": things.connection, "decodes": False},
        "connection.get": {"connectionId": things.connection},
        "connection.list": {"projectId": things.project},
        "connection.update": {"connectionId": things.connection, "address": "127.0.0.1:1", "namespace": things.name},
        "execution.approve": {"executionId": things.execution, "node": "ask", "approved": True},
        "execution.cancel": {"executionId": things.execution},
        "execution.decodeComponentExecution": {
            "executionId": things.execution,
            "eventId": things.event,
            "codecAddress": "http://c",
        },
        "execution.erase": {"executionId": things.execution, "what": "run", "confirmation": "?"},
        "execution.previewErase": {"executionId": things.execution, "what": "workflow_id"},
        "privacy.getRules": {"projectId": things.project},
        "privacy.preview": {"projectId": things.project, "rules": NO_RULES},
        "privacy.saveRules": {"projectId": things.project, "revision": 0, "rules": NO_RULES},
        "retention.get": {"projectId": things.project},
        "retention.preview": {"projectId": things.project, "keepDays": 90},
        "retention.save": {"projectId": things.project, "keepDays": 90, "confirmed": True},
        "execution.decodeExecution": {"executionId": things.execution, "codecAddress": "http://c"},
        "execution.getGraph": {"executionId": things.execution},
        "execution.getNodeIterations": {"executionId": things.execution, "nodeId": "end"},
        "execution.getComponentExecution": {"executionId": things.execution, "eventId": things.event},
        "execution.getExecutionDetails": {"executionId": things.execution},
        "execution.getExecutionHistory": {"workflowId": things.workflow},
        "execution.getExecutionValues": {"executionId": things.execution},
        "execution.getChain": {"executionId": things.execution},
        "execution.getInput": {"executionId": things.execution},
        "execution.getHistoryEvents": {"executionId": things.execution},
        "execution.getProjectHistory": {"projectId": things.project},
        "execution.getProjectStatistics": {"projectId": things.project},
        "execution.getWorkflowStatistics": {"workflowId": things.workflow},
        "execution.resolve": {"connectionId": things.connection, "temporalWorkflowId": "x"},
        "execution.syncExecutionFromTemporal": {"executionId": things.execution},
        "execution.terminate": {"executionId": things.execution},
        "execution.tryAgain": {"executionId": things.execution},
        "expression.check": {
            "projectId": things.project,
            "graph": things.graph,
            "nodeId": "end",
            "expression": "input",
        },
        "expression.preview": {
            "projectId": things.project,
            "graph": things.graph,
            "nodeId": "end",
            "expression": "input",
            "input": {},
        },
        "member.add": {"projectId": things.project, "name": things.stranger, "role": "viewer"},
        "member.list": {"projectId": things.project},
        "member.remove": {"projectId": things.project, "userId": things.member},
        "member.update": {"projectId": things.project, "userId": things.member, "role": "viewer", "seesPayloads": True},
        "project.get": {"projectId": things.project},
        "project.update": {"projectId": things.project, "name": things.name},
        "schedule.get": {"scheduleId": things.schedule},
        "schedule.list": {"projectId": things.project},
        "component.announce": {"projectId": things.project, "components": [{"type": things.name, "name": "Pay"}]},
        "component.register": {"projectId": things.project, "component": {"type": things.name, "name": "Pay"}},
        "component.remove": {"projectId": things.project, "type": things.name},
        "service.create": {"projectId": things.project, "name": things.name, "settings": SHOP},
        "service.getSealed": {"projectId": things.project, "name": things.service_name},
        "service.list": {"projectId": things.project},
        "service.remove": {"serviceId": things.service},
        "service.setNetworks": {"projectId": things.project, "networks": ["10.0.0.0/8"]},
        "service.test": {"serviceId": things.service},
        "service.update": {"serviceId": things.service, "name": things.name, "settings": SHOP},
        "statistics.components": {"workflowId": things.workflow},
        "statistics.distribution": {"workflowId": things.workflow},
        "statistics.taskQueues": {"projectId": things.project},
        "statistics.timeline": {"workflowId": things.workflow},
        "statistics.versions": {"workflowId": things.workflow},
        "statistics.workflows": {"projectId": things.project},
        "statistics.errors": {"projectId": things.project},
        "sync.setAside": {"projectId": things.project},
        "sync.tryAgainAll": {"projectId": things.project},
        "workflow.create": {"projectId": things.project, "name": things.name},
        "workflow.exportFile": {"workflowId": things.workflow},
        "workflow.get": {"workflowId": things.workflow},
        "workflow.getDraft": {"workflowId": things.workflow},
        "workflow.getRunnable": {"workflowId": things.workflow, "version": 1},
        "workflow.getVersion": {"workflowId": things.workflow, "version": 1},
        "workflow.importFile": {"projectId": things.project, "text": json.dumps(things.graph)},
        "workflow.list": {"projectId": things.project},
        "workflow.listVersions": {"workflowId": things.workflow},
        "workflow.register": {
            "projectId": things.project,
            "graph": things.graph,
            "rules": {"runs": [{"workflowType": "Order"}]},
        },
        "workflow.run": {"workflowId": things.workflow, "input": {}},
        "workflow.saveDraft": {"workflowId": things.workflow, "revision": 1, "graph": things.graph},
        "workflow.saveVersion": {"workflowId": things.workflow, "revision": 1},
        "workflow.setLevel": {"workflowId": things.workflow, "level": "list"},
        "workflow.validate": {"projectId": things.project, "graph": things.graph},
    }


def other_inputs(name: str, *, person: str, session: str, token: str) -> Inputs:
    """For the others; `name` is nobody's yet, `session` and `token` are of the person asking."""
    return {
        "account.changePassword": {"new": "correct horse battery staple"},
        "account.get": None,
        "audit.installation": {},
        "connection.test": {"settings": {"address": "127.0.0.1:1", "namespace": name}},
        "policy.explain": {"retry": None, "timeouts": {}},
        "project.create": {"name": name},
        "project.list": None,
        "session.list": None,
        "session.me": None,
        "session.revoke": {"sessionId": session},
        "session.revokeOthers": None,
        "session.signOut": None,
        "session.ways": None,
        "statistics.checks": None,
        "statistics.definitions": None,
        "token.create": {"name": name, "scope": "read", "expiresInDays": 1},
        "token.list": None,
        "token.revoke": {"tokenId": token},
        "user.create": {"name": name},
        "user.list": None,
        "user.update": {"userId": person},
    }
