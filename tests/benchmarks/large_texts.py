"""The texts of a large prefecture: generated ordinances of plausible shape and length, the same at every run."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from regulations.numerals import format_era_date, to_kanji
from regulations.structure import (
    Article,
    Kind,
    Ordinance,
    Paragraph,
    ParsedOrdinance,
    Sentence,
    SupplementaryProvision,
)

ORGANISATION: Mapping[str, str] = {
    "総務部": "行政経営課 人事課 文書法務課 財政課 財産活用課 税務課 市町村課",
    "企画部": "総合政策課 地域振興課 デジタル戦略課 統計課 国際課 交通政策課 エネルギー課",
    "危機管理部": "危機管理課 消防保安課 防災対策課 原子力安全課 災害復興課 被災者支援課",
    "生活環境部": "環境政策課 水大気課 自然保護課 廃棄物対策課 生活安全課 消費生活課 男女共生課 温暖化対策課",
    "保健部": "医療政策課 健康増進課 感染症対策課 薬務課 食品衛生課 生活衛生課 国民健康保険課",
    "福祉部": "福祉政策課 高齢福祉課 障がい福祉課 児童家庭課 保護援護課 介護支援課 保育課",
    "商工部": "商工総務課 経営金融課 企業立地課 産業振興課 産業人材課 雇用労政課 計量検定課",
    "観光部": "観光政策課 観光物産課 文化振興課 スポーツ振興課 空港交流課",
    "農政部": "農政企画課 農業振興課 農地整備課 畜産課 水田畑作課 園芸課 農産物流通課",
    "林業水産部": "森林計画課 森林整備課 森林保全課 林業振興課 水産課 漁港整備課",
    "土木部": "土木総務課 道路計画課 道路管理課 河川計画課 河川整備課 砂防課 港湾課 下水道課",
    "建築部": "都市計画課 まちづくり推進課 建築住宅課 建築指導課 営繕課 公園緑地課",
    "会計局": "出納総務課 審査課 入札監理課 入札用度課 工事検査課",
    "教育庁": "教育総務課 職員課 財務課 義務教育課 高校教育課 特別支援教育課 社会教育課 文化財課",
    "企業局": "経営管理課 工業用水道課 発電課 施設管理課 水質管理課 資産整備課",
}
"""部局 and its 課."""

PHRASES: Mapping[str, tuple[str, ...]] = {
    "visual_inspection": ("目視により", "巡視して"),
    "on_site_audit": ("立ち入り、帳簿書類", "実地に検査"),
    "periodic_inspection": ("月に一回以上点検", "毎年定期に測定"),
    "full_time_presence": ("常駐させ", "専任の"),
    "in_person_training": ("講習を受講",),
    "written_posting": ("見やすい場所に掲示", "掲示板に掲示"),
    "in_person_viewing": ("一般の閲覧に供", "公衆の縦覧に供"),
}
"""What the stand-in for detection looks for; no other generated clause holds any of these words."""

_SUBJECTS: tuple[str, ...] = (
    "公園",
    "港湾",
    "道路",
    "河川",
    "病院",
    "学校",
    "図書館",
    "博物館",
    "試験場",
    "温泉",
    "旅館",
    "食品",
    "薬局",
    "動物",
    "森林",
    "農地",
    "漁港",
    "砂防",
    "高圧ガス",
    "火薬類",
    "廃棄物",
    "水道",
    "下水道",
    "屋外広告物",
    "建築物",
    "住宅",
    "福祉施設",
    "保育所",
    "介護施設",
    "青少年",
    "体育館",
    "会館",
    "競技場",
    "空港",
    "駐車場",
    "卸売市場",
    "工業用水",
    "発電施設",
    "自然環境",
    "公有財産",
)
_MATTERS: tuple[str, ...] = (
    "管理",
    "設置",
    "使用料",
    "利用",
    "許可",
    "届出",
    "手数料",
    "保安",
    "補助金",
    "登録",
    "指定",
    "監督",
    "安全",
    "整備",
    "助成",
    "運営",
    "規格",
    "衛生",
    "保全",
    "監理",
)
_FORMS: tuple[tuple[Kind, str], ...] = (
    (Kind.ORDINANCE, "霞野県{}{}条例"),
    (Kind.RULE, "霞野県{}{}条例施行規則"),
    (Kind.PUBLIC_NOTICE, "霞野県{}{}基準"),
    (Kind.INSTRUCTION, "霞野県{}{}事務取扱規程"),
    (Kind.GUIDELINES, "霞野県{}{}要綱"),
)
_NUMBERED = {
    Kind.ORDINANCE: "条例",
    Kind.RULE: "規則",
    Kind.PUBLIC_NOTICE: "告示",
    Kind.INSTRUCTION: "訓令",
    Kind.GUIDELINES: "要綱",
}

_SLOTS: Mapping[str, tuple[str, ...]] = {
    "who": ("管理者", "設置者", "事業者", "営業者", "許可を受けた者", "登録を受けた者", "所有者又は占有者"),
    "body": ("知事", "所長", "教育委員会", "管理委員会", "保健所長", "土木事務所長", "企業管理者"),
    "thing": (
        *("施設", "設備", "機械器具", "工作物", "貯蔵所", "製造所", "遊具", "昇降機", "配管", "堤防", "標識", "建築物"),
        *("電気工作物", "浄化槽", "飼養施設", "作業場", "貯水槽"),
    ),
    "doc": ("許可証", "登録票", "料金表", "利用規程", "台帳", "計画書", "申請書", "図面", "名簿", "報告書", "検査結果"),
    "place": ("事業所", "営業所", "施設の入口", "工事現場", "管理事務所", "窓口"),
    "act": ("使用", "占用", "増築", "移転", "廃止", "変更", "休止", "譲渡"),
    "ground": (
        "公益上やむを得ない",
        "災害その他特別の事情がある",
        "管理上支障がない",
        "衛生上の危害を防止するため必要がある",
        "申請者の責めに帰することができない",
        "利用者の安全を確保するため必要がある",
    ),
    "when": ("十日以内", "二週間以内", "三十日以内", "遅滞なく", "速やかに", "あらかじめ"),
    "topic": ("構造", "位置", "規模", "維持の方法", "収容人員", "料金の額", "従事者の資格", "保管の方法", "利用の期間"),
}
_DUTIES: Mapping[str, tuple[str, ...]] = {
    "visual_inspection": (
        "{who}は、{thing}の{topic}について、職員をして目視により異常の有無を確認させなければならない。",
        "{who}は、使用を開始する前に{thing}を目視により検査し、その結果を{doc}に記録しなければならない。",
        "{body}は、職員に{thing}及びその周辺を巡視して危険を予防させるものとする。",
    ),
    "on_site_audit": (
        "{body}は、必要があると認めるときは、その職員に{place}に立ち入り、帳簿書類その他の物件を検査させることができる。",
        "{body}は、{who}に対し、{thing}の{topic}について実地に検査を行うものとする。",
    ),
    "periodic_inspection": (
        "{who}は、{thing}を月に一回以上点検し、その結果を{doc}に記載して三年間保存しなければならない。",
        "{who}は、{thing}の{topic}を毎年定期に測定し、{when}{body}に報告しなければならない。",
    ),
    "full_time_presence": (
        "{who}は、{place}に管理技術者を常駐させ、{thing}の管理に当たらせなければならない。",
        "{who}は、{place}ごとに専任の管理責任者を置き、{when}その氏名を{body}に届け出なければならない。",
    ),
    "in_person_training": (
        "{who}は、{body}が指定する者が行う{thing}の取扱いに関する講習を受講しなければならない。",
        "管理責任者は、三年ごとに{body}が行う講習を受講した者でなければならない。",
    ),
    "written_posting": (
        "{who}は、{doc}を{place}の見やすい場所に掲示しなければならない。",
        "{body}は、前項の規定による処分をしたときは、その旨を庁舎前の掲示板に掲示して公告するものとする。",
    ),
    "in_person_viewing": (
        "{body}は、{doc}を{place}に備え置き、一般の閲覧に供するものとする。",
        "{body}は、{doc}を作成したときは、その旨を公告し、二週間公衆の縦覧に供しなければならない。",
    ),
}
_COMMON: tuple[str, ...] = (
    "{thing}を{act}しようとする者は、規則で定めるところにより、{doc}を{body}に提出し、その許可を受けなければならない。",
    "{body}は、前項の申請があった場合において、{ground}と認めるときは、当該申請に係る許可をすることができる。",
    "{who}は、{thing}の{topic}を変更しようとするときは、{when}その旨を{body}に届け出なければならない。",
    "{body}は、{who}がこの条例の規定に違反したときは、その許可を取り消し、又は{act}の停止を命ずることができる。",
    "{thing}の{topic}は、別に定める基準に適合するものでなければならない。",
    "前項の規定による{doc}の様式は、{body}が別に定める。",
    "{who}は、{body}の承認を受けないで、{thing}を{act}してはならない。",
    "{body}は、{ground}ときは、{who}に対し、{thing}の改善その他必要な措置をとるべきことを勧告することができる。",
    "この章において「{thing}」とは、{topic}が規則で定める基準に該当するものであって、{body}が指定するものをいう。",
    "第三条の規定は、{thing}の{act}について準用する。この場合において、同条中「{doc}」とあるのは、「書面」と読み替える。",
    "{body}は、この条例の施行に必要な限度において、{who}から{topic}に関し報告を求めることができる。",
    "次の各号のいずれかに該当する者は、{thing}の{act}に係る許可を受けることができない。",
    "{who}が納付する{thing}の使用料は、{doc}の交付を受ける際に徴収する。",
    "{body}は、{thing}の{act}に関し、{who}その他の関係者の意見を聴くものとする。",
)
_TAILS: tuple[str, ...] = (
    "ただし、{body}が{ground}と認めるときは、この限りでない。",
    "この場合において、{who}は、{when}その旨を{body}に通知しなければならない。",
    "この場合において、{body}は、{thing}の{topic}について条件を付することができる。",
    "ただし、{thing}の{act}が一時的なものであって、{ground}ときは、{doc}の提出をもってこれに代えることができる。",
    "この場合において必要な事項は、{thing}の{topic}に応じて{body}が定める。",
)
_CAPTIONS = (
    *("趣旨", "定義", "許可", "届出", "基準", "維持管理", "報告", "検査等", "記録の保存", "掲示等", "閲覧等", "立入り"),
    *("手数料", "監督処分", "準用", "委任"),
)
_TRIGGER = re.compile("|".join(words for phrases in PHRASES.values() for words in phrases))


def titles(rng: random.Random) -> Iterator[tuple[Kind, str]]:
    """Kinds and titles, no two alike, in the order that `rng` gives them; there are 4,000."""
    found = [
        (kind, form.format(subject, matter)) for subject, matter, (kind, form) in product(_SUBJECTS, _MATTERS, _FORMS)
    ]
    rng.shuffle(found)
    return iter(found)


def sizes(rng: random.Random, *, instruments: int, provisions: int) -> list[int]:
    """How many provisions each instrument has: many short ones, a few of hundreds, `provisions` in all."""
    weights = [rng.lognormvariate(0, 1.1) for _ in range(instruments)]
    least, share = 3, (provisions - 3 * instruments) / sum(weights)
    found = [least + int(weight * share) for weight in weights]
    for number in range(provisions - sum(found)):
        found[number % instruments] += 1
    return found


def clause(rng: random.Random, categories: Sequence[str] = ()) -> str:
    """One provision's text: a duty for each category (or none), and tails that make up a usual length."""
    sentences = [rng.choice(_DUTIES[category]) for category in categories] or [rng.choice(_COMMON)]
    tails = list(_TAILS)
    rng.shuffle(tails)
    wanted = rng.choice((60, 90, 130, 170, 210, 260))
    while tails and sum(map(len, sentences)) < wanted:
        sentences.append(tails.pop())
    return "".join(_filled(rng, sentence) for sentence in sentences)


def _filled(rng: random.Random, sentence: str) -> str:
    return sentence.format_map({name: rng.choice(words) for name, words in _SLOTS.items()})


def ordinance(rng: random.Random, *, kind: Kind, title: str, number: int, texts: Sequence[str]) -> ParsedOrdinance:
    """An instrument of these texts: articles of one to four paragraphs, and the last one its 附則."""
    day = dt.date(1950, 1, 10) + dt.timedelta(days=rng.randrange(26_000))
    year = format_era_date(day).partition("年")[0]
    articles: list[Article] = []
    left = list(texts[:-1])
    while left:
        count = rng.choice((1, 1, 2, 2, 3, 4))
        paragraphs, left = left[:count], left[count:]
        articles.append(
            Article(
                number=str(len(articles) + 1),
                title=f"第{to_kanji(len(articles) + 1)}条",
                caption=f"（{rng.choice(_CAPTIONS)}）",
                paragraphs=tuple(
                    _paragraph(str(place), text, printed=place > 1) for place, text in enumerate(paragraphs, 1)
                ),
            )
        )
    return ParsedOrdinance(
        ordinance=Ordinance(
            title=title,
            law_number=f"{year}年霞野県{_NUMBERED[kind]}第{to_kanji(number)}号",
            kind=kind,
            issuing_body="霞野県",
            promulgation_date=day,
            enforcement_date=day,
            main=tuple(articles),
            supplementary=(SupplementaryProvision(children=(_paragraph("1", texts[-1], printed=False),)),),
        ),
        format="generated",
    )


def _paragraph(number: str, text: str, *, printed: bool) -> Paragraph:
    return Paragraph(number=number, title=number if printed else "", sentences=(Sentence(columns=(text,)),))


def amended(rng: random.Random, parsed: ParsedOrdinance, *, share: float) -> ParsedOrdinance:
    """The same instrument some years later: a share of its paragraphs names the electronic means as well."""
    main = tuple(
        replace(
            article,
            paragraphs=tuple(
                _amended(paragraph) if rng.random() < share else paragraph for paragraph in article.paragraphs
            ),
        )
        for article in parsed.ordinance.main
        if isinstance(article, Article)
    )
    return replace(parsed, ordinance=replace(parsed.ordinance, main=main, enforcement_date=dt.date(2026, 4, 1)))


def _amended(paragraph: Paragraph) -> Paragraph:
    text = paragraph.sentences[0].text + "前各項に規定するもののほか、電磁的方法による場合に必要な事項は、別に定める。"
    return replace(paragraph, sentences=(Sentence(columns=(text,)),))


def found_in(text: str) -> dict[str, tuple[int, int, str]]:
    """What the stand-in for detection finds: category and the span of its words."""
    spans: dict[str, tuple[int, int, str]] = {}
    for match in _TRIGGER.finditer(text):
        category = next(name for name, phrases in PHRASES.items() if match[0] in phrases)
        spans.setdefault(category, (match.start(), match.end(), match[0]))
    return spans
