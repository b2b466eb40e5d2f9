"""What each function asks of AWS, read off the code: the rights that it needs, no more, no less.

From the Lambda's `handle`, every function and class that is named is followed through the room,
`flow` and `edge`. What `edge` asks there is known by its calls: of PynamoDB's models, and of the
clients of the SDK. A name counts as a use, so a branch that never runs counts too.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.house.stack import ROOT, Right, mappings, module_of, source_of, text, variables

Node = tuple[str, str]  # (module, function or class; empty for the module's own statements)

_OF_MODELS = {
    "batch_get": {"BatchGetItem"},
    "batch_write": {"BatchWriteItem"},
    "condition_check": {"ConditionCheckItem"},
    "count": {"Query"},
    "delete": {"DeleteItem"},
    "get": {"GetItem"},
    "query": {"Query"},
    "save": {"PutItem"},
    "scan": {"Scan"},
    "update": {"UpdateItem"},
}
# Of clients: the actions, by the SDK's word for each; a batch is told by its queue's variable.
_OF_CLIENTS = {
    "change_message_visibility": {"sqs:ChangeMessageVisibility"},
    "delete_object": {"s3:DeleteObject"},
    "generate_presigned_url": {"s3:GetObject"},
    "get_object": {"s3:GetObject"},
    "get_paginator": {"s3:ListBucket"},
    "get_queue_url": {"sqs:GetQueueUrl"},
    "get_secret_value": {"secretsmanager:GetSecretValue"},
    "head_object": {"s3:GetObject"},
    "list_objects_v2": {"s3:ListBucket"},
    "create_secret": {"secretsmanager:CreateSecret"},
    "put_secret_value": {"secretsmanager:PutSecretValue"},
    "publish": {"sns:Publish"},
    "put_object": {"s3:PutObject"},
}


@dataclass(frozen=True)
class Unit:
    """One function or class, or a module's own statements."""

    module: str
    tree: ast.AST

    def names(self) -> Iterator[Node]:
        """Whatever of ours it names."""
        known = _imports(self.module)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module, name = known.get(node.value.id, ("", ""))
                if module and not name:
                    yield module, node.attr
            elif isinstance(node, ast.Name):
                yield known.get(node.id, (self.module, node.id))
        yield from ((area, "ROUTES") for area in _areas(self.tree))

    def settings(self) -> set[str]:
        return set(re.findall(r"(?:setting|optional)\(\s*['\"](\w+)['\"]", ast.unparse(self.tree)))

    def calls(self) -> Iterator[tuple[ast.expr, str]]:
        """(what is asked, for what) of each method that is called."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield node.func.value, node.func.attr


def areas_of(module: str) -> tuple[str, ...]:
    """The modules of routes that an API room loads by the first call for them."""
    return tuple(_areas(_tree(module)))


def used(function: str) -> set[Right]:
    """The rights that the function's code asks for, queues and streams that start it left out."""
    told = {
        name: text(value)
        for name, value in variables(function).items()
        if isinstance(value, dict) and "Ref" in value
    }
    found: set[Right] = set()
    entry = module_of(function)
    # A room that never says how to sign in never gets as far as sessions.
    closed = set() if "sign_in=" in ast.unparse(_tree(entry)) else {"vouchsafe.edge.grants"}
    # A room that is told of no keys never looks one up: only people call it.
    closed |= set() if "KEYS_TABLE" in told else {"vouchsafe.edge.keys_table"}
    for unit in _reached((entry, "handle")):
        if unit.module in closed:
            continue
        found |= set(_of_tables(unit, told)) | set(_of_clients(unit, told, function))
    return found


def _areas(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Area":
            yield ast.literal_eval(node.args[0])


def _of_tables(unit: Unit, told: dict[str, str]) -> Iterator[Right]:
    models = _models(unit.module)
    for receiver, method in unit.calls():
        model, index = _model(receiver, models)
        for action in _OF_MODELS.get(method, ()) if model else ():
            table = told[models[model]]
            place = f"${{{table}.Arn}}/index/{index}" if index else f"{table}.Arn"
            yield Right(f"dynamodb:{action}", place)


def _model(receiver: ast.expr, models: dict[str, str]) -> tuple[str, str]:
    """(model, index) that a call is made on; an instance is called `item`, as is a row in it.

    What is put into a `batch` needs the batch's own right only.
    """
    said = ast.unparse(receiver)
    for model in models:
        if said == model or said.startswith(f"{model}("):
            return model, ""
        if said.startswith(f"{model}.") and said.count(".") == 1:
            return model, said.partition(".")[2]
    if said in ("item", "transaction") and models:
        return next(iter(models)), ""
    return "", ""


def _of_clients(unit: Unit, told: dict[str, str], function: str) -> Iterator[Right]:
    asked = {name: told[name] for name in unit.settings() if name in told}
    own = [source_of(each)[0] for each in mappings(function) if source_of(each)[1] == "Arn"]
    targets = {
        "s3": [target for name, target in asked.items() if name.endswith("_BUCKET")],
        "secretsmanager": ["secrets"],
        "sns": ["Happenings"],
        "sqs": [f"{queue}.Arn" for queue in own],
    }
    for name, queue in asked.items():
        if name.endswith("_QUEUE_URL"):
            yield Right("sqs:SendMessage", f"{queue}.Arn")
    called = (method for asked_of, method in unit.calls() if _is_asked(asked_of, method))
    for method in (*called, *_excuses(unit)):
        for action in _OF_CLIENTS.get(method, ()):
            yield from (Right(action, target) for target in targets[action.split(":")[0]])


def _is_asked(asked_of: ast.expr, method: str) -> bool:
    """A register is published too, and by nobody but itself."""
    return method != "publish" or "sns" in ast.unparse(asked_of)


def _excuses(unit: Unit) -> list[str]:
    """Without the right to list, S3 calls what is not there forbidden: who expects it must list."""
    return ["list_objects_v2"] if "NoSuchKey" in ast.unparse(unit.tree) else []


def _reached(entry: Node) -> Iterator[Unit]:
    seen: set[Node] = set()
    waiting = [entry]
    while waiting:
        node = waiting.pop()
        if node in seen or node[1] not in _units(node[0]):
            continue
        seen.add(node)
        unit = _units(node[0])[node[1]]
        yield unit
        waiting += unit.names()


@cache
def _units(module: str) -> dict[str, Unit]:
    """A module's functions, classes and constants by name."""
    found: dict[str, Unit] = {}
    for node in _tree(module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = Unit(module, node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    found[target.id] = Unit(module, node)
    return found


@cache
def _imports(module: str) -> dict[str, Node]:
    """What the names of a module stand for: (module, name), or (module, "") for a module itself."""
    found: dict[str, Node] = {}
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom):
            origin = (
                f"{module.rpartition('.')[0]}.{node.module or ''}".strip(".")
                if node.level
                else node.module or ""
            )
            for alias in node.names:
                whole = f"{origin}.{alias.name}"
                is_module = _path(whole) is not None
                found[alias.asname or alias.name] = (
                    (whole, "") if is_module else (origin, alias.name)
                )
    return found


@cache
def _models(module: str) -> dict[str, str]:
    """The PynamoDB models of a module, its own first: the variable that names each one's table."""
    own = _own_models(module)
    borrowed = {
        name: _own_models(origin)[model]
        for name, (origin, model) in _imports(module).items()
        if model in _own_models(origin)
    }
    return own | {name: table for name, table in borrowed.items() if name not in own}


@cache
def _own_models(module: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in _tree(module).body:
        if isinstance(node, ast.ClassDef) and "table_name" in ast.unparse(node):
            (variable,) = re.findall(r"table_name = setting\('(\w+)'\)", ast.unparse(node))
            found[node.name] = variable
    return found


@cache
def _tree(module: str) -> Any:
    path = _path(module)
    return ast.parse(path.read_text() if path else "")


def _path(module: str) -> Path | None:
    if module.split(".")[0] not in ("functions", "vouchsafe"):
        return None
    folder = ROOT if module.startswith("functions") else ROOT / "layers/vouchsafe"
    plain = folder / module.replace(".", "/")
    for path in (plain.with_suffix(".py"), plain / "__init__.py"):
        if path.is_file():
            return path
    return None
