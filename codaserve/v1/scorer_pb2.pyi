from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AnswerForm(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FORM_UNSPECIFIED: _ClassVar[AnswerForm]
    FORM_INTEGER: _ClassVar[AnswerForm]
    FORM_FRACTION: _ClassVar[AnswerForm]
    FORM_REDUCED_FRACTION: _ClassVar[AnswerForm]
    FORM_DECIMAL: _ClassVar[AnswerForm]
    FORM_PERCENT: _ClassVar[AnswerForm]
    FORM_MIXED_NUMBER: _ClassVar[AnswerForm]
    FORM_SCIENTIFIC: _ClassVar[AnswerForm]
    FORM_FACTORED: _ClassVar[AnswerForm]
    FORM_EXPANDED: _ClassVar[AnswerForm]
    FORM_AS_GIVEN: _ClassVar[AnswerForm]

class Profile(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROFILE_UNSPECIFIED: _ClassVar[Profile]
    PROFILE_CALC: _ClassVar[Profile]
    PROFILE_PROC: _ClassVar[Profile]

class OutputComparison(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMPARE_UNSPECIFIED: _ClassVar[OutputComparison]
    COMPARE_LINES: _ClassVar[OutputComparison]
    COMPARE_EXACT: _ClassVar[OutputComparison]
    COMPARE_TOKENS: _ClassVar[OutputComparison]
    COMPARE_UNORDERED_LINES: _ClassVar[OutputComparison]
    COMPARE_UNORDERED_TOKENS: _ClassVar[OutputComparison]

class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REASON_UNSPECIFIED: _ClassVar[Reason]
    REASON_MATCH: _ClassVar[Reason]
    REASON_PASSED: _ClassVar[Reason]
    REASON_WRONG_ANSWER: _ClassVar[Reason]
    REASON_NO_ANSWER: _ClassVar[Reason]
    REASON_COMPILE_ERROR: _ClassVar[Reason]
    REASON_RUNTIME_ERROR: _ClassVar[Reason]
    REASON_TIME_LIMIT: _ClassVar[Reason]
    REASON_MEMORY_LIMIT: _ClassVar[Reason]
    REASON_OUTPUT_LIMIT: _ClassVar[Reason]
    REASON_FORBIDDEN_OPERATION: _ClassVar[Reason]
    REASON_ASSERTION_FAILED: _ClassVar[Reason]
    REASON_MISSING_ENTRY_POINT: _ClassVar[Reason]
    REASON_INVALID_VALUE: _ClassVar[Reason]
    REASON_ANSWER_TOO_LONG: _ClassVar[Reason]
    REASON_UNDECIDED_TIME: _ClassVar[Reason]
    REASON_UNDECIDED_MEMORY: _ClassVar[Reason]
    REASON_UNDECIDED_SIZE: _ClassVar[Reason]

class FailureCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FAILURE_UNSPECIFIED: _ClassVar[FailureCode]
    FAILURE_OVERLOADED: _ClassVar[FailureCode]
    FAILURE_SHUTTING_DOWN: _ClassVar[FailureCode]
    FAILURE_DEADLINE: _ClassVar[FailureCode]
    FAILURE_CANCELLED: _ClassVar[FailureCode]
    FAILURE_INVALID_TASK: _ClassVar[FailureCode]
    FAILURE_UNSUPPORTED_LANGUAGE: _ClassVar[FailureCode]
    FAILURE_INTERNAL: _ClassVar[FailureCode]
    FAILURE_UNAVAILABLE: _ClassVar[FailureCode]
    FAILURE_MACHINE_LOADED: _ClassVar[FailureCode]
FORM_UNSPECIFIED: AnswerForm
FORM_INTEGER: AnswerForm
FORM_FRACTION: AnswerForm
FORM_REDUCED_FRACTION: AnswerForm
FORM_DECIMAL: AnswerForm
FORM_PERCENT: AnswerForm
FORM_MIXED_NUMBER: AnswerForm
FORM_SCIENTIFIC: AnswerForm
FORM_FACTORED: AnswerForm
FORM_EXPANDED: AnswerForm
FORM_AS_GIVEN: AnswerForm
PROFILE_UNSPECIFIED: Profile
PROFILE_CALC: Profile
PROFILE_PROC: Profile
COMPARE_UNSPECIFIED: OutputComparison
COMPARE_LINES: OutputComparison
COMPARE_EXACT: OutputComparison
COMPARE_TOKENS: OutputComparison
COMPARE_UNORDERED_LINES: OutputComparison
COMPARE_UNORDERED_TOKENS: OutputComparison
REASON_UNSPECIFIED: Reason
REASON_MATCH: Reason
REASON_PASSED: Reason
REASON_WRONG_ANSWER: Reason
REASON_NO_ANSWER: Reason
REASON_COMPILE_ERROR: Reason
REASON_RUNTIME_ERROR: Reason
REASON_TIME_LIMIT: Reason
REASON_MEMORY_LIMIT: Reason
REASON_OUTPUT_LIMIT: Reason
REASON_FORBIDDEN_OPERATION: Reason
REASON_ASSERTION_FAILED: Reason
REASON_MISSING_ENTRY_POINT: Reason
REASON_INVALID_VALUE: Reason
REASON_ANSWER_TOO_LONG: Reason
REASON_UNDECIDED_TIME: Reason
REASON_UNDECIDED_MEMORY: Reason
REASON_UNDECIDED_SIZE: Reason
FAILURE_UNSPECIFIED: FailureCode
FAILURE_OVERLOADED: FailureCode
FAILURE_SHUTTING_DOWN: FailureCode
FAILURE_DEADLINE: FailureCode
FAILURE_CANCELLED: FailureCode
FAILURE_INVALID_TASK: FailureCode
FAILURE_UNSUPPORTED_LANGUAGE: FailureCode
FAILURE_INTERNAL: FailureCode
FAILURE_UNAVAILABLE: FailureCode
FAILURE_MACHINE_LOADED: FailureCode

class ScoreRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ScoreItem]
    def __init__(self, items: _Optional[_Iterable[_Union[ScoreItem, _Mapping]]] = ...) -> None: ...

class ScoreResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[ScoreResult]
    def __init__(self, results: _Optional[_Iterable[_Union[ScoreResult, _Mapping]]] = ...) -> None: ...

class ScoreItem(_message.Message):
    __slots__ = ("id", "group", "math", "code")
    ID_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    MATH_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    id: str
    group: str
    math: MathTask
    code: CodeTask
    def __init__(self, id: _Optional[str] = ..., group: _Optional[str] = ..., math: _Optional[_Union[MathTask, _Mapping]] = ..., code: _Optional[_Union[CodeTask, _Mapping]] = ...) -> None: ...

class MathTask(_message.Message):
    __slots__ = ("gold", "response", "answer", "order_matters", "unit_matters", "absolute_tolerance", "relative_tolerance", "choices", "forms")
    GOLD_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    ORDER_MATTERS_FIELD_NUMBER: _ClassVar[int]
    UNIT_MATTERS_FIELD_NUMBER: _ClassVar[int]
    ABSOLUTE_TOLERANCE_FIELD_NUMBER: _ClassVar[int]
    RELATIVE_TOLERANCE_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    FORMS_FIELD_NUMBER: _ClassVar[int]
    gold: _containers.RepeatedScalarFieldContainer[str]
    response: str
    answer: str
    order_matters: bool
    unit_matters: bool
    absolute_tolerance: float
    relative_tolerance: float
    choices: _containers.RepeatedScalarFieldContainer[str]
    forms: _containers.RepeatedScalarFieldContainer[AnswerForm]
    def __init__(self, gold: _Optional[_Iterable[str]] = ..., response: _Optional[str] = ..., answer: _Optional[str] = ..., order_matters: _Optional[bool] = ..., unit_matters: _Optional[bool] = ..., absolute_tolerance: _Optional[float] = ..., relative_tolerance: _Optional[float] = ..., choices: _Optional[_Iterable[str]] = ..., forms: _Optional[_Iterable[_Union[AnswerForm, str]]] = ...) -> None: ...

class CodeTask(_message.Message):
    __slots__ = ("language", "response", "source", "entry_point", "stdio", "calls", "asserts", "limits", "partial_credit", "stop_early", "profile", "show_expected")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ENTRY_POINT_FIELD_NUMBER: _ClassVar[int]
    STDIO_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    ASSERTS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_CREDIT_FIELD_NUMBER: _ClassVar[int]
    STOP_EARLY_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    SHOW_EXPECTED_FIELD_NUMBER: _ClassVar[int]
    language: str
    response: str
    source: str
    entry_point: str
    stdio: StdioTests
    calls: CallTests
    asserts: AssertTests
    limits: RunLimits
    partial_credit: bool
    stop_early: bool
    profile: Profile
    show_expected: bool
    def __init__(self, language: _Optional[str] = ..., response: _Optional[str] = ..., source: _Optional[str] = ..., entry_point: _Optional[str] = ..., stdio: _Optional[_Union[StdioTests, _Mapping]] = ..., calls: _Optional[_Union[CallTests, _Mapping]] = ..., asserts: _Optional[_Union[AssertTests, _Mapping]] = ..., limits: _Optional[_Union[RunLimits, _Mapping]] = ..., partial_credit: _Optional[bool] = ..., stop_early: _Optional[bool] = ..., profile: _Optional[_Union[Profile, str]] = ..., show_expected: _Optional[bool] = ...) -> None: ...

class StdioTests(_message.Message):
    __slots__ = ("cases", "comparison", "float_tolerance", "checker")
    CASES_FIELD_NUMBER: _ClassVar[int]
    COMPARISON_FIELD_NUMBER: _ClassVar[int]
    FLOAT_TOLERANCE_FIELD_NUMBER: _ClassVar[int]
    CHECKER_FIELD_NUMBER: _ClassVar[int]
    cases: _containers.RepeatedCompositeFieldContainer[StdioCase]
    comparison: OutputComparison
    float_tolerance: float
    checker: Checker
    def __init__(self, cases: _Optional[_Iterable[_Union[StdioCase, _Mapping]]] = ..., comparison: _Optional[_Union[OutputComparison, str]] = ..., float_tolerance: _Optional[float] = ..., checker: _Optional[_Union[Checker, _Mapping]] = ...) -> None: ...

class Checker(_message.Message):
    __slots__ = ("language", "source")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    language: str
    source: str
    def __init__(self, language: _Optional[str] = ..., source: _Optional[str] = ...) -> None: ...

class StdioCase(_message.Message):
    __slots__ = ("input", "output")
    INPUT_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    input: str
    output: str
    def __init__(self, input: _Optional[str] = ..., output: _Optional[str] = ...) -> None: ...

class CallTests(_message.Message):
    __slots__ = ("cases", "float_tolerance", "unordered", "checker")
    CASES_FIELD_NUMBER: _ClassVar[int]
    FLOAT_TOLERANCE_FIELD_NUMBER: _ClassVar[int]
    UNORDERED_FIELD_NUMBER: _ClassVar[int]
    CHECKER_FIELD_NUMBER: _ClassVar[int]
    cases: _containers.RepeatedCompositeFieldContainer[CallCase]
    float_tolerance: float
    unordered: bool
    checker: Checker
    def __init__(self, cases: _Optional[_Iterable[_Union[CallCase, _Mapping]]] = ..., float_tolerance: _Optional[float] = ..., unordered: _Optional[bool] = ..., checker: _Optional[_Union[Checker, _Mapping]] = ...) -> None: ...

class CallCase(_message.Message):
    __slots__ = ("arguments", "keyword_arguments", "expected")
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    KEYWORD_ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    arguments: str
    keyword_arguments: str
    expected: str
    def __init__(self, arguments: _Optional[str] = ..., keyword_arguments: _Optional[str] = ..., expected: _Optional[str] = ...) -> None: ...

class AssertTests(_message.Message):
    __slots__ = ("setup", "script", "shared_process")
    SETUP_FIELD_NUMBER: _ClassVar[int]
    SCRIPT_FIELD_NUMBER: _ClassVar[int]
    SHARED_PROCESS_FIELD_NUMBER: _ClassVar[int]
    setup: str
    script: str
    shared_process: bool
    def __init__(self, setup: _Optional[str] = ..., script: _Optional[str] = ..., shared_process: _Optional[bool] = ...) -> None: ...

class RunLimits(_message.Message):
    __slots__ = ("cpu_seconds", "wall_seconds", "memory_bytes", "processes", "file_bytes", "output_bytes")
    CPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    WALL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    PROCESSES_FIELD_NUMBER: _ClassVar[int]
    FILE_BYTES_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_BYTES_FIELD_NUMBER: _ClassVar[int]
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    processes: int
    file_bytes: int
    output_bytes: int
    def __init__(self, cpu_seconds: _Optional[float] = ..., wall_seconds: _Optional[float] = ..., memory_bytes: _Optional[int] = ..., processes: _Optional[int] = ..., file_bytes: _Optional[int] = ..., output_bytes: _Optional[int] = ...) -> None: ...

class ScoreResult(_message.Message):
    __slots__ = ("id", "verdict", "failure")
    ID_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    id: str
    verdict: Verdict
    failure: Failure
    def __init__(self, id: _Optional[str] = ..., verdict: _Optional[_Union[Verdict, _Mapping]] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ...) -> None: ...

class Verdict(_message.Message):
    __slots__ = ("correct", "score", "reason", "detail", "extracted", "extraction_rule", "matched_rule", "matched_gold", "cases", "wall_seconds", "cpu_seconds", "peak_memory_bytes", "verifier_version", "gold_form", "answer_form", "cached", "shared_process", "first_failure")
    CORRECT_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    EXTRACTED_FIELD_NUMBER: _ClassVar[int]
    EXTRACTION_RULE_FIELD_NUMBER: _ClassVar[int]
    MATCHED_RULE_FIELD_NUMBER: _ClassVar[int]
    MATCHED_GOLD_FIELD_NUMBER: _ClassVar[int]
    CASES_FIELD_NUMBER: _ClassVar[int]
    WALL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    CPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PEAK_MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    VERIFIER_VERSION_FIELD_NUMBER: _ClassVar[int]
    GOLD_FORM_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FORM_FIELD_NUMBER: _ClassVar[int]
    CACHED_FIELD_NUMBER: _ClassVar[int]
    SHARED_PROCESS_FIELD_NUMBER: _ClassVar[int]
    FIRST_FAILURE_FIELD_NUMBER: _ClassVar[int]
    correct: bool
    score: float
    reason: Reason
    detail: str
    extracted: str
    extraction_rule: str
    matched_rule: str
    matched_gold: int
    cases: _containers.RepeatedCompositeFieldContainer[CaseOutcome]
    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int
    verifier_version: str
    gold_form: str
    answer_form: str
    cached: bool
    shared_process: bool
    first_failure: FirstFailure
    def __init__(self, correct: _Optional[bool] = ..., score: _Optional[float] = ..., reason: _Optional[_Union[Reason, str]] = ..., detail: _Optional[str] = ..., extracted: _Optional[str] = ..., extraction_rule: _Optional[str] = ..., matched_rule: _Optional[str] = ..., matched_gold: _Optional[int] = ..., cases: _Optional[_Iterable[_Union[CaseOutcome, _Mapping]]] = ..., wall_seconds: _Optional[float] = ..., cpu_seconds: _Optional[float] = ..., peak_memory_bytes: _Optional[int] = ..., verifier_version: _Optional[str] = ..., gold_form: _Optional[str] = ..., answer_form: _Optional[str] = ..., cached: _Optional[bool] = ..., shared_process: _Optional[bool] = ..., first_failure: _Optional[_Union[FirstFailure, _Mapping]] = ...) -> None: ...

class FirstFailure(_message.Message):
    __slots__ = ("case", "input", "got", "expected")
    CASE_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    GOT_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    case: int
    input: str
    got: str
    expected: str
    def __init__(self, case: _Optional[int] = ..., input: _Optional[str] = ..., got: _Optional[str] = ..., expected: _Optional[str] = ...) -> None: ...

class CaseOutcome(_message.Message):
    __slots__ = ("reason", "skipped", "detail", "wall_seconds", "cpu_seconds", "score", "repeated")
    REASON_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    WALL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    CPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    reason: Reason
    skipped: bool
    detail: str
    wall_seconds: float
    cpu_seconds: float
    score: float
    repeated: bool
    def __init__(self, reason: _Optional[_Union[Reason, str]] = ..., skipped: _Optional[bool] = ..., detail: _Optional[str] = ..., wall_seconds: _Optional[float] = ..., cpu_seconds: _Optional[float] = ..., score: _Optional[float] = ..., repeated: _Optional[bool] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ("code", "message", "retryable", "field", "retry_after_ms")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RETRYABLE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    code: FailureCode
    message: str
    retryable: bool
    field: str
    retry_after_ms: int
    def __init__(self, code: _Optional[_Union[FailureCode, str]] = ..., message: _Optional[str] = ..., retryable: _Optional[bool] = ..., field: _Optional[str] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

class ScorerInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ScorerInfo(_message.Message):
    __slots__ = ("version", "verifier_version", "languages", "isolation", "limits", "queue_depth", "math_isolation", "missing_languages", "preloaded")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    VERIFIER_VERSION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    ISOLATION_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    QUEUE_DEPTH_FIELD_NUMBER: _ClassVar[int]
    MATH_ISOLATION_FIELD_NUMBER: _ClassVar[int]
    MISSING_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    PRELOADED_FIELD_NUMBER: _ClassVar[int]
    version: str
    verifier_version: str
    languages: _containers.RepeatedCompositeFieldContainer[Language]
    isolation: _containers.RepeatedCompositeFieldContainer[IsolationLayer]
    limits: ScorerLimits
    queue_depth: int
    math_isolation: _containers.RepeatedCompositeFieldContainer[IsolationLayer]
    missing_languages: _containers.RepeatedCompositeFieldContainer[Language]
    preloaded: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, version: _Optional[str] = ..., verifier_version: _Optional[str] = ..., languages: _Optional[_Iterable[_Union[Language, _Mapping]]] = ..., isolation: _Optional[_Iterable[_Union[IsolationLayer, _Mapping]]] = ..., limits: _Optional[_Union[ScorerLimits, _Mapping]] = ..., queue_depth: _Optional[int] = ..., math_isolation: _Optional[_Iterable[_Union[IsolationLayer, _Mapping]]] = ..., missing_languages: _Optional[_Iterable[_Union[Language, _Mapping]]] = ..., preloaded: _Optional[_Iterable[str]] = ...) -> None: ...

class Language(_message.Message):
    __slots__ = ("name", "version", "detail")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    detail: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...

class IsolationLayer(_message.Message):
    __slots__ = ("name", "active", "detail")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    name: str
    active: bool
    detail: str
    def __init__(self, name: _Optional[str] = ..., active: _Optional[bool] = ..., detail: _Optional[str] = ...) -> None: ...

class ScorerLimits(_message.Message):
    __slots__ = ("max_items", "max_message_bytes", "max_queue", "max_cases", "max_answer_chars", "default_run", "max_run", "math_workers", "sandbox_slots", "math_seconds", "math_wall_seconds", "math_memory_bytes", "profiles")
    MAX_ITEMS_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_QUEUE_FIELD_NUMBER: _ClassVar[int]
    MAX_CASES_FIELD_NUMBER: _ClassVar[int]
    MAX_ANSWER_CHARS_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_RUN_FIELD_NUMBER: _ClassVar[int]
    MAX_RUN_FIELD_NUMBER: _ClassVar[int]
    MATH_WORKERS_FIELD_NUMBER: _ClassVar[int]
    SANDBOX_SLOTS_FIELD_NUMBER: _ClassVar[int]
    MATH_SECONDS_FIELD_NUMBER: _ClassVar[int]
    MATH_WALL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    MATH_MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    PROFILES_FIELD_NUMBER: _ClassVar[int]
    max_items: int
    max_message_bytes: int
    max_queue: int
    max_cases: int
    max_answer_chars: int
    default_run: RunLimits
    max_run: RunLimits
    math_workers: int
    sandbox_slots: int
    math_seconds: float
    math_wall_seconds: float
    math_memory_bytes: int
    profiles: _containers.RepeatedScalarFieldContainer[Profile]
    def __init__(self, max_items: _Optional[int] = ..., max_message_bytes: _Optional[int] = ..., max_queue: _Optional[int] = ..., max_cases: _Optional[int] = ..., max_answer_chars: _Optional[int] = ..., default_run: _Optional[_Union[RunLimits, _Mapping]] = ..., max_run: _Optional[_Union[RunLimits, _Mapping]] = ..., math_workers: _Optional[int] = ..., sandbox_slots: _Optional[int] = ..., math_seconds: _Optional[float] = ..., math_wall_seconds: _Optional[float] = ..., math_memory_bytes: _Optional[int] = ..., profiles: _Optional[_Iterable[_Union[Profile, str]]] = ...) -> None: ...
