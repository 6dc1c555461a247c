"""Words by which reviewers tell promotion from notification: property, loans, prizes and sales.

Source: Aliyun's rules for notifications, which forbid marketing, and the promotion of property, loans and card readers
by name; the words are those such promotion is made of.
"""

from __future__ import annotations

import re

_FORBIDDEN = (
    "开盘 加推 认筹 钜惠 巨惠 特惠 特价 团购 抢购 秒杀 热销 热卖 促销 折扣 打折 立减 满减 返现 返利 首付低 低首付 零首付 "
    "均价 学区房 投资回报 升值 买房送 购房送 清盘 尾盘 样板间开放 恭迎品鉴 放款快 低息 无抵押 POS机 套现 中奖 大奖 抽奖"
)
_FORBIDDEN_LATIN = (
    r"flash\s+sale|special\s+offer|discount|\d+\s*%\s*off|cash\s*back|grand\s+opening|pre-?sale|lottery|"
    r"low\s+(?:interest|down\s+payment)|POS\s+machine"
)
_DOUBTFUL = "贷款 按揭 首付 月供 信用卡 优惠 免费 赠送 礼品 红包 房源 现房 限时 报名 推荐有礼 团建价 会员价"
_DOUBTFUL_LATIN = r"\bloan\b|mortgage|\bfree\b|\bgift\b|\boffer\b|\bsale\b|\bdeal\b"


def _any(words: str, latin: str) -> re.Pattern[str]:
    return re.compile("|".join([*map(re.escape, words.split()), latin]), re.IGNORECASE)


#: promotion, whoever reads it
FORBIDDEN = _any(_FORBIDDEN, _FORBIDDEN_LATIN)
#: promotion to some
DOUBTFUL = _any(_DOUBTFUL, _DOUBTFUL_LATIN)
