"""Aliyun's codes as data: what each means for us, whom it concerns, and who can put it right.

Source: Aliyun's lists of API error codes and of receipt codes.
"""

from __future__ import annotations

from notigate.plugin import Reason, Scope

_ADDRESS, _BLOCKED, _CONTENT = Reason.BAD_ADDRESS, Reason.BLOCKED, Reason.BAD_CONTENT
_OPERATOR, _CREDIT = Reason.BAD_CREDENTIALS, Reason.NO_CREDIT
_ONE, _EACH, _ALL = Scope.CALL, Scope.MESSAGE, Scope.CHANNEL

#: Documented refusals: nothing was sent. Scope CALL means somebody in the call, MESSAGE each one in it.
REFUSALS: dict[str, tuple[Reason, Scope, str]] = {
    "isv.MOBILE_NUMBER_ILLEGAL": (_ADDRESS, _ONE, "not a phone number"),
    "isv.BLACK_KEY_CONTROL_LIMIT": (_BLOCKED, _ONE, "the number or a value is on the provider's black list"),
    "isv.CUSTOMER_REFUSED": (_BLOCKED, _ONE, "the reader opted out at the provider"),
    "isv.SMS_TEST_NUMBER_LIMIT": (_OPERATOR, _ONE, "a test account reaches only numbers bound in the console"),
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": (_CONTENT, _ONE, "an international template cannot reach mainland numbers"),
    "isv.TEMPLATE_MISSING_PARAMETERS": (_CONTENT, _ONE, "a variable of the template has no value"),
    "isv.TEMPLATE_PARAMS_ILLEGAL": (_CONTENT, _ONE, "a value does not fit its variable"),
    "isv.INVALID_JSON_PARAM": (_CONTENT, _ONE, "the variables are not what the template expects"),
    "isv.PARAM_LENGTH_LIMIT": (_CONTENT, _ONE, "a value is too long"),
    "isv.PARAM_NOT_SUPPORT_URL": (_CONTENT, _ONE, "a value has a link"),
    "isv.INVALID_PARAMETERS": (_CONTENT, _ONE, "a parameter is wrong"),
    "isv.MOBILE_COUNT_OVER_LIMIT": (_CONTENT, _ONE, "too many numbers in one call"),
    "isv.SMS_CONTENT_ILLEGAL": (_CONTENT, _ONE, "forbidden words"),
    "isv.UNSUPPORTED_CONTENT": (_CONTENT, _ONE, "characters that cannot be sent"),
    "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE": (_CONTENT, _EACH, "the text does not fit the template's type"),
    "isv.SMS_TEMPLATE_ILLEGAL": (_CONTENT, _EACH, "the template code does not exist or is not approved"),
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": (_CONTENT, _EACH, "the signature may not be used with this template's type"),
    "isv.SMS_TEST_SIGN_TEMPLATE_LIMIT": (_CONTENT, _EACH, "test signature and test template go only together"),
    "isv.SMS_SIGNATURE_ILLEGAL": (_OPERATOR, _ALL, "sign_name does not exist or is not approved"),
    "isv.SMS_SIGN_ILLEGAL": (_OPERATOR, _ALL, "sign_name does not exist or is not approved"),
    "isv.SIGN_NAME_ILLEGAL": (_OPERATOR, _ALL, "sign_name does not exist or is not approved"),
    "isv.SIGN_STATE_ILLEGAL": (_OPERATOR, _ALL, "sign_name is not approved"),
    "isv.EXTEND_CODE_ERROR": (_OPERATOR, _ALL, "the extension code of the signature is in use elsewhere"),
    "isv.ONE_CODE_MULTIPLE_SIGN": (_OPERATOR, _ALL, "one extension code for several signatures"),
    "isv.CODE_EXCEED_LIMIT": (_OPERATOR, _ALL, "too many extension codes for the signature"),
    "isv.CODE_ERROR": (_OPERATOR, _ALL, "the extension code is wrong"),
    "isv.AMOUNT_NOT_ENOUGH": (_CREDIT, _ALL, "the balance is used up"),
    "isv.OUT_OF_SERVICE": (_CREDIT, _ALL, "the service is suspended, usually for arrears"),
    "isv.ACCOUNT_NOT_EXISTS": (_OPERATOR, _ALL, "the account does not exist"),
    "isv.ACCOUNT_ABNORMAL": (_OPERATOR, _ALL, "the account is not in order"),
    "isv.SECURITY_FROZEN_ACCOUNT": (_OPERATOR, _ALL, "the account is frozen"),
    "isv.PRODUCT_UN_SUBSCRIPT": (_OPERATOR, _ALL, "the account has not opened the SMS service"),
    "isv.PRODUCT_UNSUBSCRIBE": (_OPERATOR, _ALL, "the account has not opened the SMS service"),
    "isv.INTERFACE_OFFLINE": (_OPERATOR, _ALL, "the provider withdrew this call"),
    "isv.DENY_IP_RANGE": (_OPERATOR, _ALL, "calls are taken from addresses in mainland China only"),
    "isp.RAM_PERMISSION_DENY": (_OPERATOR, _ALL, "the access key has no right to send"),
    "NoPermission": (_OPERATOR, _ALL, "the access key has no right to this call"),
    "InvalidAccessKeyId.NotFound": (_OPERATOR, _ALL, "the access key does not exist"),
    "InvalidAccessKeyId.Inactive": (_OPERATOR, _ALL, "the access key is switched off"),
    "MissingAccessKeyId": (_OPERATOR, _ALL, "the access key is missing"),
    "SignatureDoesNotMatch": (_OPERATOR, _ALL, "the access key secret is wrong"),
    "InvalidTimeStamp.Expired": (_OPERATOR, _ALL, "set the clock"),
    "InvalidVersion": (_OPERATOR, _ALL, "the endpoint does not speak this service"),
    "InvalidAction.NotFound": (_OPERATOR, _ALL, "the endpoint does not speak this service"),
}

#: families of codes, asked after the table above
REFUSAL_FAMILIES: tuple[tuple[str, tuple[Reason, Scope, str]], ...] = (
    ("Forbidden", (_OPERATOR, _ALL, "the access key has no right to this call")),
    ("InvalidSecurityToken", (_OPERATOR, _ALL, "the security token is wrong or has expired")),
    ("Missing", (_CONTENT, _EACH, "a parameter is missing")),
    ("InvalidParameter", (_CONTENT, _ONE, "a parameter is wrong")),
)

#: `isv.BUSINESS_LIMIT_CONTROL` names its rolling window in the message → seconds
WINDOWS = {"分钟": 60.0, "小时": 3600.0, "天": 86400.0}

#: receipts that say nothing yet, whatever status stands beside them
STILL_OPEN = frozenset({"REQUEST_SUCCESS", "SP_UNKNOWN_ERROR"})

#: carriers' receipts (`ErrCode`) for what did not arrive
RECEIPTS: dict[str, tuple[Reason, str]] = {
    "MOBILE_NOT_ON_SERVICE": (_ADDRESS, "the phone is off, out of service or does not exist"),
    "INVALID_NUMBER": (_ADDRESS, "no such number"),
    "MOBILE_ACCOUNT_ABNORMAL": (_ADDRESS, "the number's contract is not in order"),
    "MOBILE_IN_BLACK": (_BLOCKED, "the number is on the carrier's black list"),
    "USER_REJECT": (_BLOCKED, "the reader refuses such messages"),
    "BLACK_KEY_CONTROL_LIMIT": (_BLOCKED, "the number or a value is on the provider's black list"),
    "MOBILE_SEND_LIMIT": (Reason.THROTTLED, "too many messages to this number"),
    "MOBLLE_TERMINAL_ERROR": (Reason.UNAVAILABLE, "the handset could not take it"),
    "IS_CLOSE": (Reason.UNAVAILABLE, "the carrier's route was closed"),
    "IS_CLOSED": (Reason.UNAVAILABLE, "the carrier's route was closed"),
    "NO_ROUTE": (Reason.UNAVAILABLE, "no route to the carrier"),
    "SP_NOT_BY_INTER_SMS": (Reason.UNAVAILABLE, "the carrier does not take international messages"),
    "CONTENT_KEYWORD": (_CONTENT, "forbidden words"),
    "CONTENT_ERROR": (_CONTENT, "the carrier refuses the text"),
    "PARAMS_ILLEGAL": (_CONTENT, "a value does not fit its variable"),
    "PORT_NOT_REGISTERED": (_OPERATOR, "the signature is not registered with the carrier"),
}
