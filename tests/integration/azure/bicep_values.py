"""What a Bicep file can say of a value, and of the resources that it declares."""

import msgspec

type Value = Known | Some | Items | Fields | OneOf


class Known(msgspec.Struct, frozen=True):
    """A value that the template itself says; `None` is Bicep's null, a property left out."""

    value: str | int | bool | None


class Some(msgspec.Struct, frozen=True):
    """A value that only the deployment knows: `string`, `int`, `bool`, `array`, `object`, `any`."""

    kind: str


class Items(msgspec.Struct, frozen=True):
    """An array; of a loop, the item that it makes."""

    each: tuple[Value, ...]


class Fields(msgspec.Struct, frozen=True):
    """An object. A name that only the deployment knows stands as `*`."""

    each: dict[str, Value]


class OneOf(msgspec.Struct, frozen=True):
    """One of several values: by a condition, or by the item of a loop."""

    each: tuple[Value, ...]


class Resource(msgspec.Struct, frozen=True):
    """A resource as one use of a file declares it. `parent` is the type of its parent."""

    file: str
    symbol: str
    type: str
    version: str
    scope: str
    existing: bool
    body: Value
    parent: str | None

    @property
    def place(self) -> str:
        return f"{self.file}: {self.symbol}"


class Given(msgspec.Struct, frozen=True):
    """A value that is given to a parameter, and what the parameter takes."""

    place: str
    value: Value
    kind: str
    allowed: tuple[str | int | bool | None, ...]


class Read(msgspec.Struct, frozen=True):
    """A property of a resource that an expression reads."""

    file: str
    symbol: str
    path: tuple[str, ...]


def field_of(value: Value, name: str) -> Value:
    match value:
        case Fields(each):
            return each.get(name, Some("any"))
        case OneOf(each):
            return OneOf(tuple(field_of(one, name) for one in each))
    return Some("any")


def texts(value: Value) -> list[str] | None:
    """The texts that a value can be, or None if only the deployment knows."""
    match value:
        case Known(known) if known is not None:
            return [str(known)]
        case OneOf(each):
            options = [texts(one) for one in each]
            return [text for some in options if some for text in some] if all(options) else None
    return None
