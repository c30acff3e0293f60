from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StepRule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STEP_RULE_UNSPECIFIED: _ClassVar[StepRule]
    STEP_RULE_NEWLINE: _ClassVar[StepRule]
    STEP_RULE_BLANK_LINE: _ClassVar[StepRule]
    STEP_RULE_SEPARATOR: _ClassVar[StepRule]

class CriticFailureCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CRITIC_FAILURE_UNSPECIFIED: _ClassVar[CriticFailureCode]
    CRITIC_FAILURE_OVERLOADED: _ClassVar[CriticFailureCode]
    CRITIC_FAILURE_SHUTTING_DOWN: _ClassVar[CriticFailureCode]
    CRITIC_FAILURE_DEADLINE: _ClassVar[CriticFailureCode]
    CRITIC_FAILURE_CANCELLED: _ClassVar[CriticFailureCode]
    CRITIC_FAILURE_INVALID_INPUT: _ClassVar[CriticFailureCode]
    CRITIC_FAILURE_TOO_LONG: _ClassVar[CriticFailureCode]
    CRITIC_FAILURE_INTERNAL: _ClassVar[CriticFailureCode]
    CRITIC_FAILURE_UNAVAILABLE: _ClassVar[CriticFailureCode]
STEP_RULE_UNSPECIFIED: StepRule
STEP_RULE_NEWLINE: StepRule
STEP_RULE_BLANK_LINE: StepRule
STEP_RULE_SEPARATOR: StepRule
CRITIC_FAILURE_UNSPECIFIED: CriticFailureCode
CRITIC_FAILURE_OVERLOADED: CriticFailureCode
CRITIC_FAILURE_SHUTTING_DOWN: CriticFailureCode
CRITIC_FAILURE_DEADLINE: CriticFailureCode
CRITIC_FAILURE_CANCELLED: CriticFailureCode
CRITIC_FAILURE_INVALID_INPUT: CriticFailureCode
CRITIC_FAILURE_TOO_LONG: CriticFailureCode
CRITIC_FAILURE_INTERNAL: CriticFailureCode
CRITIC_FAILURE_UNAVAILABLE: CriticFailureCode

class EvaluateRequest(_message.Message):
    __slots__ = ("groups",)
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    groups: _containers.RepeatedCompositeFieldContainer[StateGroup]
    def __init__(self, groups: _Optional[_Iterable[_Union[StateGroup, _Mapping]]] = ...) -> None: ...

class EvaluateResponse(_message.Message):
    __slots__ = ("evaluations",)
    EVALUATIONS_FIELD_NUMBER: _ClassVar[int]
    evaluations: _containers.RepeatedCompositeFieldContainer[GroupEvaluation]
    def __init__(self, evaluations: _Optional[_Iterable[_Union[GroupEvaluation, _Mapping]]] = ...) -> None: ...

class StateGroup(_message.Message):
    __slots__ = ("id", "prompt", "responses", "alternatives", "step_rule", "separator", "truncate")
    ID_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    RESPONSES_FIELD_NUMBER: _ClassVar[int]
    ALTERNATIVES_FIELD_NUMBER: _ClassVar[int]
    STEP_RULE_FIELD_NUMBER: _ClassVar[int]
    SEPARATOR_FIELD_NUMBER: _ClassVar[int]
    TRUNCATE_FIELD_NUMBER: _ClassVar[int]
    id: str
    prompt: str
    responses: Responses
    alternatives: Alternatives
    step_rule: StepRule
    separator: str
    truncate: bool
    def __init__(self, id: _Optional[str] = ..., prompt: _Optional[str] = ..., responses: _Optional[_Union[Responses, _Mapping]] = ..., alternatives: _Optional[_Union[Alternatives, _Mapping]] = ..., step_rule: _Optional[_Union[StepRule, str]] = ..., separator: _Optional[str] = ..., truncate: _Optional[bool] = ...) -> None: ...

class Responses(_message.Message):
    __slots__ = ("responses",)
    RESPONSES_FIELD_NUMBER: _ClassVar[int]
    responses: _containers.RepeatedCompositeFieldContainer[Response]
    def __init__(self, responses: _Optional[_Iterable[_Union[Response, _Mapping]]] = ...) -> None: ...

class Response(_message.Message):
    __slots__ = ("text", "step_ends", "token_ends", "outcome", "step_token_ends")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    STEP_ENDS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ENDS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    STEP_TOKEN_ENDS_FIELD_NUMBER: _ClassVar[int]
    text: str
    step_ends: _containers.RepeatedScalarFieldContainer[int]
    token_ends: _containers.RepeatedScalarFieldContainer[int]
    outcome: float
    step_token_ends: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, text: _Optional[str] = ..., step_ends: _Optional[_Iterable[int]] = ..., token_ends: _Optional[_Iterable[int]] = ..., outcome: _Optional[float] = ..., step_token_ends: _Optional[_Iterable[int]] = ...) -> None: ...

class Alternatives(_message.Message):
    __slots__ = ("prefix", "steps")
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    prefix: str
    steps: _containers.RepeatedCompositeFieldContainer[Alternative]
    def __init__(self, prefix: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[Alternative, _Mapping]]] = ...) -> None: ...

class Alternative(_message.Message):
    __slots__ = ("text", "outcome")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    text: str
    outcome: float
    def __init__(self, text: _Optional[str] = ..., outcome: _Optional[float] = ...) -> None: ...

class GroupEvaluation(_message.Message):
    __slots__ = ("id", "values", "failure")
    ID_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    id: str
    values: GroupValues
    failure: CriticFailure
    def __init__(self, id: _Optional[str] = ..., values: _Optional[_Union[GroupValues, _Mapping]] = ..., failure: _Optional[_Union[CriticFailure, _Mapping]] = ...) -> None: ...

class GroupValues(_message.Message):
    __slots__ = ("prompt_value", "responses", "alternatives", "checkpoint", "truncated_tokens", "tokens")
    PROMPT_VALUE_FIELD_NUMBER: _ClassVar[int]
    RESPONSES_FIELD_NUMBER: _ClassVar[int]
    ALTERNATIVES_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    prompt_value: float
    responses: _containers.RepeatedCompositeFieldContainer[ResponseValues]
    alternatives: _containers.RepeatedCompositeFieldContainer[AlternativeValue]
    checkpoint: str
    truncated_tokens: int
    tokens: int
    def __init__(self, prompt_value: _Optional[float] = ..., responses: _Optional[_Iterable[_Union[ResponseValues, _Mapping]]] = ..., alternatives: _Optional[_Iterable[_Union[AlternativeValue, _Mapping]]] = ..., checkpoint: _Optional[str] = ..., truncated_tokens: _Optional[int] = ..., tokens: _Optional[int] = ...) -> None: ...

class ResponseValues(_message.Message):
    __slots__ = ("steps",)
    STEPS_FIELD_NUMBER: _ClassVar[int]
    steps: _containers.RepeatedCompositeFieldContainer[StepValue]
    def __init__(self, steps: _Optional[_Iterable[_Union[StepValue, _Mapping]]] = ...) -> None: ...

class StepValue(_message.Message):
    __slots__ = ("value", "advantage", "characters", "tokens")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ADVANTAGE_FIELD_NUMBER: _ClassVar[int]
    CHARACTERS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    value: float
    advantage: float
    characters: Span
    tokens: Span
    def __init__(self, value: _Optional[float] = ..., advantage: _Optional[float] = ..., characters: _Optional[_Union[Span, _Mapping]] = ..., tokens: _Optional[_Union[Span, _Mapping]] = ...) -> None: ...

class AlternativeValue(_message.Message):
    __slots__ = ("value", "advantage")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ADVANTAGE_FIELD_NUMBER: _ClassVar[int]
    value: float
    advantage: float
    def __init__(self, value: _Optional[float] = ..., advantage: _Optional[float] = ...) -> None: ...

class Span(_message.Message):
    __slots__ = ("begin", "end")
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    begin: int
    end: int
    def __init__(self, begin: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class CriticFailure(_message.Message):
    __slots__ = ("code", "message", "retryable", "field", "retry_after_ms")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RETRYABLE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    code: CriticFailureCode
    message: str
    retryable: bool
    field: str
    retry_after_ms: int
    def __init__(self, code: _Optional[_Union[CriticFailureCode, str]] = ..., message: _Optional[str] = ..., retryable: _Optional[bool] = ..., field: _Optional[str] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

class CriticInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CriticInfo(_message.Message):
    __slots__ = ("version", "model", "checkpoint", "tokenizer", "step_rule", "device", "limits", "queue_depth")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    TOKENIZER_FIELD_NUMBER: _ClassVar[int]
    STEP_RULE_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    QUEUE_DEPTH_FIELD_NUMBER: _ClassVar[int]
    version: str
    model: str
    checkpoint: str
    tokenizer: str
    step_rule: str
    device: str
    limits: CriticLimits
    queue_depth: int
    def __init__(self, version: _Optional[str] = ..., model: _Optional[str] = ..., checkpoint: _Optional[str] = ..., tokenizer: _Optional[str] = ..., step_rule: _Optional[str] = ..., device: _Optional[str] = ..., limits: _Optional[_Union[CriticLimits, _Mapping]] = ..., queue_depth: _Optional[int] = ...) -> None: ...

class CriticLimits(_message.Message):
    __slots__ = ("max_groups", "max_responses", "max_tokens", "max_message_bytes", "max_queue", "max_queue_tokens")
    MAX_GROUPS_FIELD_NUMBER: _ClassVar[int]
    MAX_RESPONSES_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_QUEUE_FIELD_NUMBER: _ClassVar[int]
    MAX_QUEUE_TOKENS_FIELD_NUMBER: _ClassVar[int]
    max_groups: int
    max_responses: int
    max_tokens: int
    max_message_bytes: int
    max_queue: int
    max_queue_tokens: int
    def __init__(self, max_groups: _Optional[int] = ..., max_responses: _Optional[int] = ..., max_tokens: _Optional[int] = ..., max_message_bytes: _Optional[int] = ..., max_queue: _Optional[int] = ..., max_queue_tokens: _Optional[int] = ...) -> None: ...

class ReloadRequest(_message.Message):
    __slots__ = ("path",)
    PATH_FIELD_NUMBER: _ClassVar[int]
    path: str
    def __init__(self, path: _Optional[str] = ...) -> None: ...

class ReloadResponse(_message.Message):
    __slots__ = ("previous_checkpoint", "checkpoint")
    PREVIOUS_CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    previous_checkpoint: str
    checkpoint: str
    def __init__(self, previous_checkpoint: _Optional[str] = ..., checkpoint: _Optional[str] = ...) -> None: ...
