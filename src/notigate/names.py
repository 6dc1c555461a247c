"""Names as clerks write them: whose is it, which part is the family name, and does it say how to address the reader?

Nothing is guessed: a family name is told only where the script and the list of families tell it, a title only where it
is written.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(Enum):
    """Who stands behind a name."""

    #: one person
    PERSON = "person"
    #: more than one: `张三/李四`, `王芳、李雷`
    SEVERAL = "several"
    #: a company or another body
    COMPANY = "company"
    #: nobody that is named: blank, `业主`, `未知`
    NOBODY = "nobody"


class Name(NamedTuple):
    """What a name tells. `repr` shows neither the name nor its remark."""

    kind: Kind
    #: as texts may print it; empty for nobody
    text: str = ""
    #: empty where the script does not tell
    family: str = ""
    #: where it is written behind the name
    title: Literal["mr", "ms"] | None = None
    #: what stands in brackets behind the name: `儿子`
    remark: str = ""
    #: the name says that its bearer has died
    late: bool = False

    def __repr__(self) -> str:
        return f"Name(kind={self.kind!r}, title={self.title!r}, late={self.late!r})"


#: told here, since to ask a class of enumerated values for one takes as long as to look through a name
_PERSON = Kind.PERSON
_HAN = re.compile(r"[㐀-䶿一-鿿𠀀-𲎯〇]+\Z")
#: longer ones without a dot are hardly the name of one person
_HAN_LONGEST = 4
#: words joined by a space or mark: `Anna Smith`, `阿依古丽·买买提`; no list of people, no flat number
_WORDS = re.compile(r"[^\W\d_]+(?:[ .'’·-]+[^\W\d_]+)*\.?\Z")
_COMPANY = re.compile(
    r"公司|集团|集團|银行|銀行|学校|學校|学院|學院|医院|醫院|中心|协会|協會|商行|商店|超市|酒店|工作室|事务所|事務所|委员会|委員會|研究所|研究院"
    r"|经营部|经销部|门市部|个体户|合作社|合伙企业|\b(?:co|ltd|inc|llc|corp|gmbh|limited|company|group)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"[/\\、,，;；&＆+\n|]|\band\b|(?<=[一-鿿]{2})(?:和|与|與|及)(?=[一-鿿]{2})")
_NOBODY = frozenset(
    (  # noqa: SIM905 - quotation marks would hide the words
        "业主 業主 客户 客戶 住户 住戶 租户 租戶 用户 先生 女士 小姐 先生/女士 本人 业主本人 无 無 无名 未知 不详 不詳 待定 "
        "暂无 暫無 空 匿名 测试 測試 某某 姓名 贵宾 na n/a null none nil test unknown owner customer - -- / ? "
        "？ . * "
    ).split()
)
#: as clerks write it into the column of names
_TITLED = re.compile(r"(?P<name>.+?)\s*(?P<title>先生|女士|小姐|太太)\Z")
_TITLES: Mapping[str, Literal["mr", "ms"]] = {"先生": "mr", "女士": "ms", "小姐": "ms", "太太": "ms"}
_OFFICE = re.compile(
    r"(?P<name>[㐀-䶿一-鿿]{1,2})(?:总|總|经理|經理|老师|老師|教授|医生|醫生|主任|局长|书记|律师|律師|阿姨|叔叔|师傅|師傅|大姐|大哥)\Z"
)
_REMARK = re.compile(r"\s*[(\[【]([^)\]】]*)[)\]】]?\s*\Z")
_LATE = re.compile(r"已故|已去世|去世|过世|過世|病故|身故|亡故|deceased")
#: names that are written in Chinese characters by their sound: the first is no family
_BY_SOUND = re.compile(
    r"买买提|麦麦提|艾买提|艾力|古丽|古麗|阿卜|阿布|吐尔|亚森|依明|依木|[买木提孜]江\Z|汗\Z|次仁|扎西|卓玛|旺堆|格桑"
)
_MARKED = re.compile(r"[*＊×xX某]+\Z")
#: a short name without any of these characters says nothing beside itself: each word that is looked for has one
_SAYS_MORE = frozenset(
    "已故去过過病身亡公集银銀学學医醫中协協商超酒工事委研经經门門个個合司团團校院店行室所会會部社先女小太总總理老教主局书律师師阿叔大某"
    "买麦艾古阿吐亚依木提孜江汗次扎卓旺格"
)
#: families of two characters, in both scripts
_COMPOUND = frozenset(
    (  # noqa: SIM905 - a hundred quotation marks would hide the names
        "欧阳 歐陽 上官 司马 司馬 司徒 司空 司寇 诸葛 諸葛 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 公羊 公冶 慕容 "
        "令狐 夏侯 长孙 長孫 宇文 端木 独孤 獨孤 南宫 南宮 南门 南門 西门 西門 东郭 東郭 北宫 北宮 百里 闻人 "
        "聞人 轩辕 軒轅 澹台 澹臺 呼延 钟离 鍾離 濮阳 濮陽 申屠 赫连 赫連 拓跋 万俟 萬俟 太史 太叔 宗政 单于 "
        "單于 仲孙 仲孫 鲜于 鮮于 闾丘 閭丘 亓官 子车 子車 颛孙 顓孫 巫马 巫馬 公西 漆雕 乐正 樂正 壤驷 公良 "
        "夹谷 宰父 谷梁 段干 东里 第五 纳兰 納蘭 完颜 完顏 耶律 叶赫 葉赫 呼衍 左丘 梁丘 西陵 微生 羊舌 "
    ).split()
)
#: families of one character: those of the Hundred Family Surnames and others in use today, in both scripts
_SINGLE = frozenset(
    "赵趙钱錢孙孫李周吴吳郑鄭王冯馮陈陳褚卫衛蒋蔣沈瀋韩韓杨楊朱秦尤许許何吕呂施张張孔曹严嚴华華金魏陶姜戚谢謝邹鄒喻柏水窦竇章"
    "云雲苏蘇潘葛奚范範彭郎鲁魯韦韋昌马馬苗凤鳳花方俞任袁柳酆鲍鮑史唐费費廉岑薛雷贺賀倪汤湯滕殷罗羅毕畢郝邬鄔安常乐樂于於时時"
    "傅皮卞齐齊康伍余餘元卜顾顧孟平黄黃和穆萧蕭尹姚邵湛汪祁毛禹狄米贝貝明臧计計伏成戴谈談宋茅庞龐熊纪紀舒屈项項祝董梁杜阮蓝藍"
    "闵閔席季麻强強贾賈路娄婁危江童颜顏郭梅盛林刁钟鍾鐘徐邱骆駱高夏蔡田樊胡凌霍虞万萬支柯昝管卢盧莫经經房裘缪繆干幹解应應宗丁"
    "宣贲賁邓鄧郁鬱单單杭洪包诸諸左石崔吉钮鈕龚龔程嵇邢滑裴陆陸荣榮翁荀羊惠甄曲家封芮羿储儲靳汲邴糜松井段富巫乌烏焦巴弓牧隗山"
    "谷车車侯宓蓬全郗班仰秋仲伊宫宮宁寧仇栾欒暴甘钭鈄厉厲戎祖武符刘劉景詹束龙龍叶葉幸司韶郜黎蓟薊薄印宿白怀懷蒲邰从從鄂索咸鹹"
    "籍赖賴卓蔺藺屠蒙池乔喬阴陰胥能苍蒼双雙闻聞莘党黨翟谭譚贡貢劳勞逄姬申扶堵冉宰郦酈雍却卻璩桑桂濮牛寿壽通边邊扈燕冀郏郟浦尚"
    "农農温溫别別庄莊晏柴瞿阎閻充慕连連茹习習宦艾鱼魚容向古易慎戈廖庾终終暨居衡步都耿满滿弘匡国國文寇广廣禄祿阙闕东東欧歐殳沃"
    "利蔚越夔隆师師巩鞏厍聂聶晁勾敖融冷訾辛阚闞那简簡饶饒空曾毋沙乜养養鞠须須丰豐巢关關蒯相查后荆荊红紅游竺权權逯盖蓋益桓公佴"
    "牟肖付代闫覃冼粟佘苟兰蘭仝邸税稅门門矫矯楚晋晉涂塗丛叢阳陽揭宛原亓种種侍战戰位隋麦麥岳嶽衣苑鹿迟遲仉帅帥初由操官才补補撒"
    "芦蘆缑緱商墨哈年笪谯譙言伯赏賞南買库庫但练練区區邝鄺丘缴占展甯佟谌諶呼况況候鄢啜线線旷曠图圖巨栗郄蹇瓮依敏"
)


@lru_cache(maxsize=1 << 12)
def read(written: str) -> Name:
    """Read a name as it stands in a cell."""
    if len(written) <= _HAN_LONGEST and _HAN.match(written) and _SAYS_MORE.isdisjoint(written):
        return _short(written)
    text = _cleaned(written)
    late = bool(_LATE.search(text))
    if late:
        text = _LATE.sub("", text).strip(" -")
    if _COMPANY.search(text):
        return Name(kind=Kind.COMPANY, text=text, late=late)
    remark = ""
    if (found := _REMARK.search(text)) and found.start():
        text, remark = text[: found.start()].strip(), found[1].strip()
    text = text.strip("()[]【】")
    if text.casefold() in _NOBODY or not any(map(str.isalpha, text)):
        return Name(kind=Kind.NOBODY, remark=remark, late=late)
    parts = [part.strip() for part in _SEVERAL.split(text) if part.strip()]
    if len(parts) > 1:
        return Name(kind=Kind.SEVERAL, text=text, remark=remark, late=late)
    person = _person(parts[0] if parts else text)
    return person._replace(remark=remark, late=late) if remark or late else person


def _short(text: str) -> Name:
    """What nearly all names are: a few Chinese characters, and no word beside them."""
    if text in _NOBODY:
        return Name(kind=Kind.NOBODY)
    # By its class it takes four times as long.
    return tuple.__new__(Name, (_PERSON, text, _of_families(text), None, "", False))


def _person(text: str) -> Name:
    titled = _TITLED.match(text)
    if titled is None:
        office = _OFFICE.match(text)
        family = _of_families(office["name"]) if office else family_name(text)
        return Name(kind=Kind.PERSON, text=text, family=family)
    bare, title = titled["name"].strip(), _TITLES[titled["title"]]
    family = family_name(bare)
    # `王先生` stays as it is, for `王` alone is no name to print; of `王芳女士` the name is `王芳`.
    return Name(kind=Kind.PERSON, text=text if bare == family else bare, family=family, title=title)


def family_name(name: str) -> str:
    """The family name where the script tells it; a whole name where it does not (Wang Fang or Fang Wang?)."""
    marked = _MARKED.sub("", name)
    if marked and marked != name and _HAN.match(marked):
        return _of_families(marked)
    if not _HAN.match(name):
        return name if _WORDS.match(name) else ""
    return _of_families(name) if len(name) <= _HAN_LONGEST and not _BY_SOUND.search(name) else ""


def _of_families(name: str) -> str:
    if name[:2] in _COMPOUND:
        return name[:2]
    return name[0] if name[0] in _SINGLE else ""


def _cleaned(written: str) -> str:
    """Without marks that nobody sees, blanks between Chinese characters, and numbers behind a name."""
    if _HAN.match(written):  # nearly all are clean
        return written
    lines = "、".join(written.strip().splitlines())
    normal = unicodedata.normalize("NFKC", lines) if not lines.isascii() else lines
    shown = "".join(
        " " if c.isspace() else c for c in normal if unicodedata.category(c) not in ("Cf", "Cc") or c == "\t"
    )
    text = re.sub(r"(?<=[㐀-鿿])\s+(?=[㐀-鿿])", "", " ".join(shown.split()))
    return re.sub(r"(?<=[㐀-鿿])[0-9]{1,2}\Z", "", text).strip("'\"`‘’“” ")
