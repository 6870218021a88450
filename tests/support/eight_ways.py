"""One district as planners have it, in eight ways. Independent of the code under test: GDAL's Python, Python's codecs.

    eight_ways.py make SAMPLE OUT [PG:…]    write the ways below OUT
    eight_ways.py compare A.sqlite B.sqlite OUT/ids.txt    print JSON: how far two plans are from each other
"""
import json
import math
import os
import sqlite3
import sys

from osgeo import gdal, ogr, osr

gdal.UseExceptions()
ogr.UseExceptions()


def srs(code):
    made = osr.SpatialReference()
    made.ImportFromEPSG(code)
    made.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return made


def bd09(lon, lat):
    """WGS 84 to BD-09, the formula as published."""
    a, ee, pi = 6378245.0, 0.00669342162296594323, math.pi
    x, y = lon - 105.0, lat - 35.0
    dlat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    dlat += (20.0 * math.sin(6.0 * x * pi) + 20.0 * math.sin(2.0 * x * pi)) * 2.0 / 3.0
    dlat += (20.0 * math.sin(y * pi) + 40.0 * math.sin(y / 3.0 * pi)) * 2.0 / 3.0
    dlat += (160.0 * math.sin(y / 12.0 * pi) + 320.0 * math.sin(y * pi / 30.0)) * 2.0 / 3.0
    dlon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    dlon += (20.0 * math.sin(6.0 * x * pi) + 20.0 * math.sin(2.0 * x * pi)) * 2.0 / 3.0
    dlon += (20.0 * math.sin(x * pi) + 40.0 * math.sin(x / 3.0 * pi)) * 2.0 / 3.0
    dlon += (150.0 * math.sin(x / 12.0 * pi) + 300.0 * math.sin(x / 30.0 * pi)) * 2.0 / 3.0
    magic = 1 - ee * math.sin(lat / 180.0 * pi) ** 2
    lat2 = lat + dlat * 180.0 / (a * (1 - ee) / (magic * math.sqrt(magic)) * pi)
    lon2 = lon + dlon * 180.0 / (a / math.sqrt(magic) * math.cos(lat / 180.0 * pi) * pi)
    z = math.hypot(lon2, lat2) + 0.00002 * math.sin(lat2 * pi * 3000.0 / 180.0)
    theta = math.atan2(lat2, lon2) + 0.000003 * math.cos(lon2 * pi * 3000.0 / 180.0)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


def each_point(geometry, change):
    if geometry.GetGeometryCount() > 0:
        for i in range(geometry.GetGeometryCount()):
            each_point(geometry.GetGeometryRef(i), change)
    else:
        for i in range(geometry.GetPointCount()):
            geometry.SetPoint_2D(i, *change(geometry.GetX(i), geometry.GetY(i)))


CHINESE = {"id": "编号", "use": "用途", "floors": "层数", "households": "户数", "registered": "户籍人口", "floating": "流动人口",
           "code": "编码", "name": "名称", "addr": "地址", "kind": "种类", "class": "道路等级", "grp": "片组", "street": "街道"}
HIGHWAY = {"主干路": "primary", "次干路": "secondary", "支路": "unclassified", "小路": "path"}
LAYERS = ["communities", "buildings", "roads"]


def load(sample):
    """Rows of each layer as (properties, geometry in WGS 84). Coordinates are whole multiples of 1e-7 degrees, which is all that
    OpenStreetMap can say: what every way then holds is the same number, not nearly the same one."""
    found = {}
    for name in LAYERS:
        source = ogr.Open(f"{sample}/{name}.gpkg")
        layer = source.GetLayer(0)
        own = layer.GetSpatialRef().Clone()
        own.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
        change = osr.CoordinateTransformation(own, srs(4326))
        rows = []
        for feature in layer:
            geometry = feature.GetGeometryRef().Clone()
            geometry.FlattenTo2D()
            geometry.Transform(change)
            each_point(geometry, lambda x, y: (round(x * 1e7) / 1e7, round(y * 1e7) / 1e7))
            rows.append((feature.items(), geometry))
        found[name] = rows
    return found


def write(data, name, driver, path, epsg, options=(), names=None, columns=None, layer_name=None, dataset=None, ids=False):
    out = dataset if dataset is not None else ogr.GetDriverByName(driver).CreateDataSource(path)
    kind = {"communities": ogr.wkbMultiPolygon, "buildings": ogr.wkbPolygon, "roads": ogr.wkbLineString}[name]
    kind = ogr.wkbPolygon if driver == "ESRI Shapefile" and name == "communities" else kind
    change = osr.CoordinateTransformation(srs(4326), srs(epsg))
    layer = out.CreateLayer(layer_name or name, srs(epsg), kind, list(options))
    rows = data[name]
    fields = [f for f in rows[0][0] if columns is None or f in columns]
    for field in fields:
        integer = isinstance(next((p[field] for p, _ in rows if p[field] is not None), ""), int)
        made = ogr.FieldDefn((names or {}).get(field, field), ogr.OFTInteger if integer else ogr.OFTString)
        if not integer:
            made.SetWidth(200)
        layer.CreateField(made)
    if dataset is not None:
        layer.StartTransaction()
    for properties, geometry in rows:
        feature = ogr.Feature(layer.GetLayerDefn())
        for i, field in enumerate(fields):
            if properties[field] is not None:
                feature.SetField(i, properties[field])
        moved = geometry.Clone()
        moved.Transform(change)
        if kind == ogr.wkbMultiPolygon:
            moved = ogr.ForceToMultiPolygon(moved)
        feature.SetGeometryDirectly(moved)
        layer.CreateFeature(feature)
    if dataset is not None:
        layer.CommitTransaction()


def quoted(value):
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text


def write_csv(data, name, path, change, encoding):
    rows = data[name]
    fields = list(rows[0][0])
    lines = [",".join(["WKT"] + [CHINESE.get(f, f) for f in fields])]
    for properties, geometry in rows:
        moved = geometry.Clone()
        each_point(moved, change)
        lines.append(",".join(['"' + moved.ExportToWkt() + '"'] + [quoted(properties[f]) for f in fields]))
    with open(path, "wb") as out:
        out.write("\r\n".join(lines).encode(encoding) + b"\r\n")


def write_xlsx(data, path):
    """The buildings' figures under a title row, in another order, beside a Shapefile that has only the numbers."""
    out = ogr.GetDriverByName("XLSX").CreateDataSource(path)
    layer = out.CreateLayer("楼栋")
    columns = ["id", "use", "floors", "households", "registered", "floating"]
    for i in range(len(columns)):
        layer.CreateField(ogr.FieldDefn("南义街道楼栋台账" if i == 0 else f"列{i}", ogr.OFTString))
    rows = [[CHINESE[c] for c in columns]] + [[p[c] for c in columns] for p, _ in reversed(data["buildings"])]
    for row in rows:
        feature = ogr.Feature(layer.GetLayerDefn())
        for i, value in enumerate(row):
            if value is not None:
                feature.SetField(i, str(value))
        layer.CreateFeature(feature)


def write_osm(data, path):
    """OpenStreetMap XML; building number i is way 1000000 + i. Coordinates have seven decimals, as OSM's have."""
    nodes, parts, number = {}, [], [0]

    def node(x, y):
        key = (round(x * 1e7), round(y * 1e7))
        return nodes.setdefault(key, len(nodes) + 1)

    def escape(text):
        return str(text).replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")

    def way(identity, ring, tags):
        refs = []
        for x, y in ring.GetPoints():
            ref = node(x, y)
            if not refs or refs[-1] != ref:
                refs.append(ref)
        parts.append(f'<way id="{identity}" version="1">' + "".join(f'<nd ref="{r}"/>' for r in refs) +
                     "".join(f'<tag k="{k}" v="{escape(v)}"/>' for k, v in tags.items()) + "</way>")

    relations = []
    for i, (properties, geometry) in enumerate(data["buildings"]):
        tags = {"building": "yes", "building:flats": properties["households"] or 0}
        way(1000000 + i, geometry.GetGeometryRef(0), tags)
    for i, (properties, geometry) in enumerate(data["roads"]):
        way(2000000 + i, geometry, {"highway": HIGHWAY[properties["class"]]})
    for i, (properties, geometry) in enumerate(data["communities"]):
        members = []
        for polygon in [geometry] if geometry.GetGeometryName() == "POLYGON" else [geometry.GetGeometryRef(k) for k in range(geometry.GetGeometryCount())]:
            for ring in range(polygon.GetGeometryCount()):
                number[0] += 1
                way(3000000 + number[0], polygon.GetGeometryRef(ring), {})
                members.append((3000000 + number[0], "outer" if ring == 0 else "inner"))
        tags = {"type": "boundary", "boundary": "administrative", "admin_level": "10", "name": properties["name"], "ref": properties["code"]}
        relations.append(f'<relation id="{i + 1}" version="1">' + "".join(f'<member type="way" ref="{r}" role="{role}"/>' for r, role in members) +
                         "".join(f'<tag k="{k}" v="{escape(v)}"/>' for k, v in tags.items()) + "</relation>")
    with open(path, "w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="test">\n')
        for (x, y), identity in nodes.items():
            out.write(f'<node id="{identity}" version="1" lat="{y / 1e7:.7f}" lon="{x / 1e7:.7f}"/>\n')
        out.write("\n".join(parts + relations) + "\n</osm>\n")


def make(sample, out, postgis):
    data = load(sample)
    for way in ["geojson", "shp", "bd09", "gpkg", "xlsx", "fgb"]:
        os.makedirs(f"{out}/{way}", exist_ok=True)
    gk = 4513 + round(data["communities"][0][1].Centroid().GetX() / 3.0) - 25
    for name in LAYERS:
        write(data, name, "GeoJSON", f"{out}/geojson/{name}.geojson", 4326, ["COORDINATE_PRECISION=15"])
        write(data, name, "ESRI Shapefile", f"{out}/shp/{name}.shp", gk, ["ENCODING=GBK"], CHINESE)
        os.remove(f"{out}/shp/{name}.cpg")
        write_csv(data, name, f"{out}/bd09/{name}.csv", bd09, "gb18030")
        write(data, name, "GPKG", f"{out}/gpkg/{name}.gpkg", 4490)
        write(data, name, "FlatGeobuf", f"{out}/fgb/{name}.fgb", 4326)
        write(data, name, "ESRI Shapefile", f"{out}/xlsx/{name}.shp", 4326, ["ENCODING=UTF-8"], None, ["id"] if name == "buildings" else None)
    with open(f"{out}/shp/epsg", "w", encoding="ascii") as note:
        note.write(str(gk))
    write_xlsx(data, f"{out}/xlsx/figures.xlsx")
    write_osm(data, f"{out}/district.osm")
    with open(f"{out}/ids.txt", "w", encoding="utf-8") as note:
        note.write("\n".join(str(p["id"]) for p, _ in data["buildings"]))
    if postgis:
        database = ogr.Open(postgis, 1)
        for name in LAYERS:
            write(data, name, "PostgreSQL", None, 4326, ["LAUNDER=NO", "GEOMETRY_NAME=geom"], None, None, None, database)


def plan(path):
    base = sqlite3.connect(path)
    cells = {}
    for identity, cell, households in base.execute("select id, cell, households from buildings"):
        cells[identity] = (cell, households or 0)
    outlines = {}
    dataset = ogr.Open(path)
    layer = dataset.GetLayerByName("communities")
    for feature in layer:
        outlines[feature.GetField("name")] = feature.GetGeometryRef().Clone()
    return cells, outlines


def farthest(a, b):
    """Largest distance of a's vertices from b's outline."""
    line, worst = b.Boundary(), 0.0
    points = []
    each_point(a.Clone(), lambda x, y: points.append((x, y)) or (x, y))
    for x, y in points:
        point = ogr.Geometry(ogr.wkbPoint)
        point.AddPoint_2D(x, y)
        worst = max(worst, point.Distance(line))
    return worst


def compare(first, second, ids):
    a, shapes_a = plan(first)
    b, shapes_b = plan(second)
    if set(a).isdisjoint(b):  # OSM: w1000000 is the first building
        with open(ids, encoding="utf-8") as note:
            order = note.read().split("\n")
        b = {order[int(k[1:]) - 1000000]: v for k, v in b.items() if k.startswith("w")}
    votes = {}
    for identity, (cell, _) in a.items():
        other = b.get(identity, (None, 0))[0]
        votes.setdefault(cell, {}).setdefault(other, 0)
        votes[cell][other] += 1
    same = sum(max(v.values()) for v in votes.values())
    off = max(max(farthest(shape, shapes_b[name]), farthest(shapes_b[name], shape)) for name, shape in shapes_a.items())
    print(json.dumps({"same": same / len(a), "buildings": [len(a), len(b)], "outline_m": round(off, 4),
                      "households": [sum(v[1] for v in a.values()), sum(v[1] for v in b.values())]}))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], sys.argv[3], sys.argv[4] if len(sys.argv) > 4 else None)
    else:
        compare(sys.argv[2], sys.argv[3], sys.argv[4])
