#!/usr/bin/env python3
"""Workbooks as Excel writes them, byte by byte: figures.xlsx, events.xlsx, totals.xlsx, and places.geojson that figures.xlsx is joined to."""
import json
import sys
import zipfile

TYPES = ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
         '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
         '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
         '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
         '<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
         '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>')
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# Cell styles: 0 general, 1 a day (14), 2 day and time (22), 3 a format of one's own, 4 a time of one's own
STYLES = (f'<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/>'
          '<numFmt numFmtId="177" formatCode="yyyy/m/d\\ h:mm;@"/></numFmts><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders>'
          '<cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs><cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/>'
          '<xf numFmtId="176" applyNumberFormat="1"/><xf numFmtId="177" applyNumberFormat="1"/></cellXfs></styleSheet>')


class Shared(str):
    """A string that is in the table of shared strings, as nearly all are; a plain str stands in its cell."""


def column(i):
    return chr(ord("A") + i)


def cell(value, at, shared):
    if value is None:
        return ""
    if isinstance(value, tuple):
        return f'<c r="{at}" s="{value[1]}"><v>{value[0]}</v></c>'
    if isinstance(value, Shared):
        shared.append(str(value))
        return f'<c r="{at}" t="s"><v>{len(shared) - 1}</v></c>'
    if isinstance(value, str):
        return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'
    return f'<c r="{at}"><v>{value}</v></c>'


def workbook(path, name, rows):
    shared = []
    body = "".join(f'<row r="{r + 1}">' + "".join(cell(v, f"{column(c)}{r + 1}", shared) for c, v in enumerate(row)) + "</row>" for r, row in enumerate(rows))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", TYPES)
        book.writestr("_rels/.rels", f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        book.writestr("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>')
        book.writestr("xl/_rels/workbook.xml.rels", '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                      f'<Relationship Id="rId1" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{REL}/styles" Target="styles.xml"/>'
                      f'<Relationship Id="rId3" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/></Relationships>')
        book.writestr("xl/styles.xml", STYLES)
        book.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>')
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">' + "".join(f"<si><t>{t}</t></si>" for t in shared) + "</sst>")


small = sys.argv[1]
buildings = json.load(open(f"{small}/buildings.geojson", encoding="utf-8"))
for i, feature in enumerate(buildings["features"]):
    feature["properties"] = {"id": feature["properties"]["id"], "地址": f"幸福路{i // 10 + 1}号{i % 10 + 1}号楼", "社区": "幸福 社区"}
with open("places.geojson", "w", encoding="utf-8") as out:
    json.dump(buildings, out, ensure_ascii=False)

typed = ["2 132", "1,785", "１５０", "约300", "150-300", "三户五", 12, Shared("13")]
spelt = ["幸福路{}号{}幢", "幸福路 {} 号 {}栋", "幸福路{}号{}#", "幸福路{}号{}号楼"]
rows = [[Shared("幸福街道楼栋台账")], [], [Shared("地址"), Shared("户数"), Shared("登记日期")]]
for i in range(len(buildings["features"])):
    address = spelt[i % 4].format(i // 10 + 1, i % 10 + 1)
    if i % 3 == 0:
        address = "".join(chr(ord(c) + 0xfee0) if c.isdigit() else c for c in address)
    rows.append([Shared(address), typed[i] if i < len(typed) else 10, (43881, 1)])
rows.append([Shared("无此地址9栋"), 10, (43881, 1)])
workbook("figures.xlsx", "台账", rows)

x, y = buildings["features"][0]["geometry"]["coordinates"][0][0]
dates = [(43881, 1), (43881.604166666664, 2), (43881, 3), (43881.604166666664, 4), Shared("2020年2月20日"), Shared("2020年2月20日下午2点30分"), "２０２０／２／２０", 43881, Shared("3/4/2020"), None]
rows = [[Shared(t) for t in ["编号", "经度", "纬度", "上报时间"]]] + [[i + 1, x, y, date] for i, date in enumerate(dates)]
workbook("events.xlsx", "事件", rows)
workbook("totals.xlsx", "人口", [[Shared("2020年统计")], [Shared("社区"), Shared("户数"), Shared("户籍人口"), Shared("流动人口")],
                              [Shared("幸福社区"), Shared("1,785"), Shared("4 001"), 999]])
