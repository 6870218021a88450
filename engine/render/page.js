/* The page of a plan or report: map, charts and tables from one block of data. No network, no library; text goes in as text only. */
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const zh = data.lang === "zh";
  const say = function (en, chinese) { return zh ? chinese : en; };
  const NS = "http://www.w3.org/2000/svg";

  /* ---------------------------------------------------------------- small helpers */

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "text") node.textContent = value;
      else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else node.setAttribute(name, value);
    }
    for (const child of children) if (child) node.append(child);
    return node;
  }

  function draw(tag, attributes, text) {
    const node = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text !== undefined) node.textContent = text;
    return node;
  }

  const formats = new Map();
  function number(value, decimals, percent) {
    if (value === null || value === undefined) return "–";
    const key = decimals;
    if (!formats.has(key)) {
      formats.set(key, new Intl.NumberFormat(zh ? "zh-CN" : "en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
    }
    return formats.get(key).format(value) + (percent ? "%" : "");
  }

  function measured(measure, area) {
    const value = measure.v[area];
    if (measure.l) return value === null ? "–" : measure.l[value];
    return number(value, measure.d, measure.p);
  }

  /* ---------------------------------------------------------------- geometry */

  /* A feature is a list of runs; a run is x, y and then differences, in units of data.q metres. */
  function path(feature, closed, into) {
    const result = into || new Path2D();
    for (const run of feature) {
      let x = run[0];
      let y = run[1];
      result.moveTo(x, -y);
      for (let i = 2; i < run.length; i += 2) {
        x += run[i];
        y += run[i + 1];
        result.lineTo(x, -y);
      }
      if (closed) result.closePath();
    }
    return result;
  }

  function bounds(feature) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const run of feature) {
      let x = 0;
      let y = 0;
      for (let i = 0; i < run.length; i += 2) {
        x += run[i];
        y += run[i + 1];
        box[0] = Math.min(box[0], x);
        box[1] = Math.min(box[1], y);
        box[2] = Math.max(box[2], x);
        box[3] = Math.max(box[3], y);
      }
    }
    return box;
  }

  /* ---------------------------------------------------------------- the map */

  const stage = document.getElementById("stage");
  const canvas = document.getElementById("map");
  const context = canvas.getContext("2d");
  const tip = document.getElementById("tip");
  const areas = data.areas;
  const paths = areas.geom.map(function (feature) { return path(feature, true); });
  const boxes = areas.geom.map(bounds);
  const base = data.base.map(function (layer) {
    const all = new Path2D();
    for (const feature of layer.g) path(feature, layer.k === "fill", all);
    return { look: layer, path: all };
  });
  const outlines = data.outlines.map(function (item) { return { name: item.name, path: path(item.g, true), at: item.at }; });
  const overlay = (data.overlay || []).map(function (feature) { return path(feature, true); });

  const view = { x: 0, y: 0, scale: 1 };
  let home = null;
  let measure = 0;
  let hovered = -1;
  let chosen = -1;
  let wanted = false;

  function fit(box, share) {
    const width = stage.clientWidth;
    const height = stage.clientHeight;
    view.scale = Math.min(width / Math.max(1, box[2] - box[0]), height / Math.max(1, box[3] - box[1])) * share;
    view.x = width / 2 - (box[0] + box[2]) / 2 * view.scale;
    view.y = height / 2 + (box[1] + box[3]) / 2 * view.scale;
  }

  function classOf(m, value) {
    if (value === null || value === undefined) return -1;
    if (m.l) return value;
    let i = 0;
    while (i < m.b.length - 1 && value > m.b[i]) i++;
    return i;
  }

  function colourOf(area) {
    const m = data.measures[measure];
    const at = classOf(m, m.v[area]);
    return at < 0 ? "#e4e2de" : m.c[at];
  }

  function request() {
    if (!wanted) {
      wanted = true;
      requestAnimationFrame(paint);
    }
  }

  function text(words, x, y, size, colour, weight) {
    context.font = weight + " " + size + "px \"Noto Sans CJK SC\", \"Microsoft YaHei\", sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = "#ffffffd8";
    context.strokeText(words, x, y);
    context.fillStyle = colour;
    context.fillText(words, x, y);
  }

  function paintBase() {
    const metre = view.scale / data.q;
    for (const layer of base) {
      const look = layer.look;
      if (look.min && metre < look.min) continue;
      context.fillStyle = look.c;
      if (look.k === "fill") {
        context.fill(layer.path, "evenodd");
        continue;
      }
      const width = Math.min(Math.max(look.w * metre, look.px), look.px * 9);
      context.lineJoin = context.lineCap = "round";
      if (look.e) {
        context.strokeStyle = look.e;
        context.lineWidth = (width + 1.2) / view.scale;
        context.stroke(layer.path);
      }
      context.strokeStyle = look.c;
      context.lineWidth = width / view.scale;
      context.stroke(layer.path);
    }
  }

  function paintLabels() {
    const taken = [];
    const free = function (x, y, w, h) {
      if (taken.some(function (t) { return Math.abs(t[0] - x) * 2 < t[2] + w && Math.abs(t[1] - y) * 2 < t[3] + h; })) return false;
      taken.push([x, y, w, h]);
      return true;
    };
    for (const outline of outlines) {
      if (!outline.name || !outline.at) continue;
      const x = outline.at[0] * view.scale + view.x;
      const y = -outline.at[1] * view.scale + view.y;
      const small = data.outlines.length > 40 && view.scale < home * 2;
      if (!small && free(x, y, outline.name.length * 13, 18)) text(outline.name, x, y, 15, "#3b2a4dd0", "700");
    }
    for (let i = 0; i < areas.code.length; i++) {
      const at = areas.at[i];
      if (!at) continue;
      const room = at[2] * view.scale;
      const code = areas.code[i];
      const shown = room > code.length * 4.2 ? code : code.slice(-3);
      const x = at[0] * view.scale + view.x;
      const y = -at[1] * view.scale + view.y;
      if (room < 9 || x < 0 || y < 0 || x > stage.clientWidth || y > stage.clientHeight) continue;
      if (free(x, y, shown.length * 7.5, 14)) text(shown, x, y, 12, "#86005a", "600");
    }
  }

  function paintScale() {
    const metre = view.scale / data.q;
    const most = 130 / metre;
    const decade = Math.pow(10, Math.floor(Math.log10(most)));
    const length = decade * (most / decade >= 5 ? 5 : most / decade >= 2 ? 2 : 1);
    const scale = document.getElementById("scale");
    scale.firstElementChild.style.width = length * metre + "px";
    scale.lastElementChild.textContent = length >= 1000 ? length / 1000 + " km" : length + " m";
  }

  function paint() {
    wanted = false;
    const ratio = window.devicePixelRatio || 1;
    const width = stage.clientWidth;
    const height = stage.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
    for (let i = 0; i < paths.length; i++) {
      context.fillStyle = colourOf(i);
      context.fill(paths[i], "evenodd");
    }
    paintBase();
    context.lineJoin = "round";
    context.strokeStyle = "#d6008f";
    context.lineWidth = 1.2 / view.scale;
    for (const one of paths) context.stroke(one);
    context.strokeStyle = "#3b2a4d";
    context.lineWidth = 2.2 / view.scale;
    for (const outline of outlines) context.stroke(outline.path);
    context.fillStyle = "#b3261e66";
    context.strokeStyle = "#b3261e";
    for (const one of overlay) {
      context.fill(one, "evenodd");
      context.stroke(one);
    }
    for (const [area, colour] of [[chosen, "#000000"], [hovered, "#222222"]]) {
      if (area < 0) continue;
      context.strokeStyle = colour;
      context.lineWidth = (area === chosen ? 4 : 3) / view.scale;
      context.stroke(paths[area]);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintLabels();
    paintScale();
  }

  /** Area under a place of the stage, or -1. */
  function areaAt(px, py) {
    const x = (px - view.x) / view.scale;
    const y = -(py - view.y) / view.scale;
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    let found = -1;
    for (let i = 0; i < paths.length && found < 0; i++) {
      const box = boxes[i];
      if (x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3] && context.isPointInPath(paths[i], x, -y, "evenodd")) found = i;
    }
    context.restore();
    return found;
  }

  function figures(area) {
    const rows = make("tbody");
    data.measures.forEach(function (m, i) {
      if (m.hide) return;
      const row = make("tr", i === measure ? { class: "on" } : {}, make("td", { text: m.t }), make("td", { text: measured(m, area) }));
      rows.append(row);
    });
    return make("table", {}, rows);
  }

  function showTip(area, px, py) {
    tip.hidden = area < 0;
    if (area < 0) return;
    tip.replaceChildren(make("b", { text: areas.code[area] }), document.createTextNode(areas.name[area] ? " " + areas.name[area] : ""), figures(area));
    const width = tip.offsetWidth;
    const height = tip.offsetHeight;
    tip.style.left = Math.max(4, px + 16 + width > stage.clientWidth ? px - width - 12 : px + 16) + "px";
    tip.style.top = Math.max(4, Math.min(py + 14, stage.clientHeight - height - 6)) + "px";
  }

  function hover(area) {
    if (area !== hovered) {
      hovered = area;
      request();
    }
  }

  function choose(area, zoom) {
    chosen = area;
    const info = document.getElementById("info");
    if (area < 0) {
      info.replaceChildren(make("span", { text: say("Click a cell for its figures.", "点击网格查看数据。") }));
    } else {
      info.replaceChildren(make("b", { text: areas.code[area] + (areas.name[area] ? " " + areas.name[area] : "") }), figures(area));
      if (zoom) fit(boxes[area], 0.45);
    }
    for (const row of document.querySelectorAll("tr[data-area]")) row.classList.toggle("on", Number(row.dataset.area) === area);
    request();
  }

  function zoomAt(px, py, factor) {
    const scale = Math.min(Math.max(view.scale * factor, home / 4), 40 * data.q);
    const change = scale / view.scale;
    view.x = px - (px - view.x) * change;
    view.y = py - (py - view.y) * change;
    view.scale = scale;
    request();
  }

  function reset() {
    fit(data.bounds, 0.96);
    home = view.scale;
    request();
  }

  const pointers = new Map();
  let moved = 0;
  function place(event) {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }
  canvas.addEventListener("pointerdown", function (event) {
    pointers.set(event.pointerId, place(event));
    canvas.setPointerCapture(event.pointerId);
    canvas.classList.add("drag");
    moved = 0;
  });
  canvas.addEventListener("pointermove", function (event) {
    const now = place(event);
    const before = pointers.get(event.pointerId);
    if (!before) {
      const area = areaAt(now[0], now[1]);
      hover(area);
      showTip(area, now[0], now[1]);
      return;
    }
    if (pointers.size === 1) {
      view.x += now[0] - before[0];
      view.y += now[1] - before[1];
    } else {
      const other = [...pointers].find(function (entry) { return entry[0] !== event.pointerId; })[1];
      const was = Math.hypot(before[0] - other[0], before[1] - other[1]);
      const is = Math.hypot(now[0] - other[0], now[1] - other[1]);
      if (was > 0) zoomAt((now[0] + other[0]) / 2, (now[1] + other[1]) / 2, is / was);
    }
    moved += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
    pointers.set(event.pointerId, now);
    tip.hidden = true;
    request();
  });
  function release(event) {
    const at = pointers.get(event.pointerId);
    pointers.delete(event.pointerId);
    if (pointers.size === 0) canvas.classList.remove("drag");
    if (at && moved < 5 && event.type === "pointerup") choose(areaAt(at[0], at[1]), false);
  }
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", function () {
    hover(-1);
    tip.hidden = true;
  });
  canvas.addEventListener("wheel", function (event) {
    event.preventDefault();
    const at = place(event);
    zoomAt(at[0], at[1], Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0016)));
  }, { passive: false });
  canvas.addEventListener("keydown", function (event) {
    const step = 60;
    const keys = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    const middle = [stage.clientWidth / 2, stage.clientHeight / 2];
    if (keys[event.key]) {
      view.x += keys[event.key][0];
      view.y += keys[event.key][1];
    } else if (event.key === "+" || event.key === "=") zoomAt(middle[0], middle[1], 1.4);
    else if (event.key === "-") zoomAt(middle[0], middle[1], 1 / 1.4);
    else if (event.key === "Home" || event.key === "0") reset();
    else return;
    event.preventDefault();
    request();
  });
  for (const [id, factor] of [["in", 1.5], ["out", 1 / 1.5]]) {
    document.getElementById(id).addEventListener("click", function () { zoomAt(stage.clientWidth / 2, stage.clientHeight / 2, factor); });
  }
  document.getElementById("home").addEventListener("click", reset);

  /* ---------------------------------------------------------------- measure, legend, search */

  function legend() {
    const m = data.measures[measure];
    const list = document.getElementById("legend");
    const counts = new Array(m.c.length + 1).fill(0);
    for (let i = 0; i < m.v.length; i++) counts[classOf(m, m.v[i]) + 1]++;
    list.replaceChildren();
    if (m.plain) return;
    m.c.forEach(function (colour, i) {
      const from = i === 0 ? null : m.b ? m.b[i - 1] : null;
      const words = m.l ? m.l[i] : (from === null ? "≤ " : number(from, m.d) + " – ") + number(m.b[i], m.d, m.p);
      const swatch = make("i");
      swatch.style.background = colour;
      list.append(make("li", {}, swatch, make("span", { text: words }), make("em", { text: counts[i + 1] })));
    });
    if (counts[0] > 0) {
      const swatch = make("i");
      swatch.style.background = "#e4e2de";
      list.append(make("li", {}, swatch, make("span", { text: say("no data", "无数据") }), make("em", { text: counts[0] })));
    }
  }

  const select = document.getElementById("measure");
  data.measures.forEach(function (m, i) { select.append(make("option", { value: i, text: m.t })); });
  select.addEventListener("change", function () {
    measure = Number(select.value);
    legend();
    choose(chosen, false);
  });

  const search = document.getElementById("search");
  search.addEventListener("change", function () {
    const words = search.value.trim().toLowerCase();
    if (words === "") return choose(-1, false);
    let found = areas.code.findIndex(function (code) { return code.toLowerCase() === words; });
    if (found < 0) found = areas.name.findIndex(function (name) { return name.toLowerCase() === words; });
    if (found < 0) found = areas.code.findIndex(function (code, i) { return code.toLowerCase().includes(words) || areas.name[i].toLowerCase().includes(words); });
    const building = found < 0 && data.buildings ? data.buildings.id.findIndex(function (id) { return id.toLowerCase() === words; }) : -1;
    document.getElementById("found").textContent = found < 0 && building < 0 ? say("Nothing found.", "未找到。") : "";
    if (building >= 0) {
      const x = data.buildings.x[building];
      const y = data.buildings.y[building];
      const reach = 150 / data.q;
      choose(data.buildings.c[building], false);
      fit([x - reach, y - reach, x + reach, y + reach], 1);
      request();
    } else if (found >= 0) choose(found, true);
  });

  /* ---------------------------------------------------------------- charts */

  const strong = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a8f98"];

  function axes(svg, chart, low, high, left, top, width, height) {
    const rough = (high - low) / 4 || 1;
    const decade = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = decade * (rough / decade > 5 ? 10 : rough / decade > 2 ? 5 : rough / decade > 1 ? 2 : 1);
    const places = Math.max(0, Math.min(3, -Math.floor(Math.log10(step))));
    for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-6; value += step) {
      const y = top + height - (value - low) / (high - low) * height;
      svg.append(draw("line", { x1: left, x2: left + width, y1: y, y2: y, stroke: "#e6e4de" }));
      svg.append(draw("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, number(value, places)));
    }
    const every = Math.ceil(chart.x.length / Math.max(1, Math.floor(width / (chart.long ? 74 : 46))));
    chart.x.forEach(function (word, i) {
      if (i % every !== 0) return;
      const x = chart.k === "bar" ? left + (i + 0.5) * width / chart.x.length : left + i * width / Math.max(1, chart.x.length - 1);
      svg.append(draw("text", { x: x, y: top + height + 18, "text-anchor": "middle" }, word));
    });
  }

  function chartSvg(chart) {
    const W = 560, H = 270, left = 58, top = 14, width = W - left - 34, height = H - top - 34;
    const svg = draw("svg", { viewBox: "0 0 " + W + " " + H, role: "img", "aria-label": chart.t });
    const values = chart.s.flatMap(function (s) { return s.v; }).filter(function (v) { return v !== null; });
    const low = Math.min(0, ...values);
    const high = Math.max(...values, low + 1e-9);
    axes(svg, chart, low, high, left, top, width, height);
    const y = function (value) { return top + height - (value - low) / (high - low) * height; };
    chart.s.forEach(function (series, k) {
      const colour = strong[k % strong.length];
      if (chart.k === "bar") {
        const slot = width / chart.x.length;
        const bar = slot * 0.78 / chart.s.length;
        series.v.forEach(function (value, i) {
          if (value === null) return;
          const rect = draw("rect", { x: left + i * slot + slot * 0.11 + k * bar, y: y(Math.max(value, 0)), width: Math.max(bar - 1, 0.5), height: Math.abs(y(value) - y(0)), fill: colour });
          rect.append(draw("title", {}, chart.x[i] + ": " + number(value, chart.d)));
          svg.append(rect);
        });
        return;
      }
      const points = series.v.map(function (value, i) { return value === null ? null : [left + i * width / Math.max(1, series.v.length - 1), y(value)]; }).filter(Boolean);
      svg.append(draw("polyline", { points: points.map(function (p) { return p.join(","); }).join(" "), fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": series.dash ? "5 4" : "none" }));
    });
    return svg;
  }

  const charts = document.getElementById("charts");
  for (const chart of data.charts) {
    const keys = make("ul", { class: "legend" });
    if (chart.s.length > 1) {
      chart.s.forEach(function (series, k) {
        const swatch = make("i");
        swatch.style.background = strong[k % strong.length];
        keys.append(make("li", {}, swatch, make("span", { text: series.n })));
      });
    }
    charts.append(make("section", { class: "panel" }, make("h2", { text: chart.t }), chartSvg(chart), keys, chart.n ? make("p", { text: chart.n }) : null));
  }

  /* ---------------------------------------------------------------- tables */

  const MOST = 500;
  const areaOf = new Map(areas.code.map(function (code, i) { return [code, i]; }));

  function tableView(table) {
    const state = { column: -1, down: false, words: "", all: false };
    const body = make("tbody");
    const count = make("span", { class: "note" });
    const more = make("button", { type: "button", text: say("Show all rows", "显示全部"), onclick: function () { state.all = true; fill(); } });
    const heads = table.c.map(function (column, i) {
      const sort = function () {
        state.down = state.column === i ? !state.down : !!column.num;
        state.column = i;
        heads.forEach(function (head, k) { head.setAttribute("aria-sort", k !== i ? "none" : state.down ? "descending" : "ascending"); });
        fill();
      };
      return make("th", { text: column.t, class: column.num ? "n" : "", tabindex: 0, scope: "col", "aria-sort": "none", onclick: sort, onkeydown: function (event) {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); }
      } });
    });

    function ordered() {
      let rows = table.r.map(function (row, i) { return i; });
      if (state.words !== "") {
        rows = rows.filter(function (i) { return table.r[i].some(function (value) { return value !== null && String(value).toLowerCase().includes(state.words); }); });
      }
      if (state.column >= 0) {
        const at = state.column;
        const collator = new Intl.Collator(zh ? "zh" : "en", { numeric: true });
        rows.sort(function (a, b) {
          const strongA = table.s.includes(a), strongB = table.s.includes(b);
          if (strongA !== strongB) return strongA ? 1 : -1; /* totals stay at the end */
          const x = table.r[a][at], y = table.r[b][at];
          if (x === null || y === null) return (x === null) - (y === null) || a - b;
          const order = table.c[at].num ? x - y : collator.compare(x, y);
          return (state.down ? -order : order) || a - b;
        });
      }
      return rows;
    }

    function fill() {
      const rows = ordered();
      const shown = state.all ? rows : rows.slice(0, MOST);
      body.replaceChildren(...shown.map(function (i) {
        const row = table.r[i];
        const area = table.k >= 0 && areaOf.has(row[table.k]) ? areaOf.get(row[table.k]) : -1;
        const line = make("tr", {}, ...table.c.map(function (column, k) {
          // Codes and names stay on one line; only sentences wrap.
          const short = !column.num && row[k] !== null && row[k].length <= 24 && !row[k].includes("\n");
          return make("td", { class: column.num ? "n" : short ? "s" : "", text: column.num ? number(row[k], column.d, column.p) : row[k] === null ? "" : row[k] });
        }));
        if (table.s.includes(i)) line.classList.add("strong");
        if (area >= 0) {
          line.classList.add("go");
          line.dataset.area = area;
          line.addEventListener("click", function () {
            choose(area, true);
            stage.scrollIntoView({ block: "nearest", behavior: "smooth" });
          });
        }
        return line;
      }));
      count.textContent = say(shown.length + " of " + table.r.length + " rows", "显示 " + shown.length + " / " + table.r.length + " 行");
      more.hidden = shown.length === rows.length;
    }

    const filter = make("input", { type: "search", "aria-label": say("Filter rows", "筛选"), placeholder: say("Filter rows", "筛选"), oninput: function (event) {
      state.words = event.target.value.trim().toLowerCase();
      fill();
    } });
    fill();
    return make("div", { role: "tabpanel", id: "table-" + table.id }, make("h2", { text: table.t }), table.n ? make("p", { class: "note", text: table.n }) : null,
      make("div", { class: "tools" }, filter, count, more),
      make("div", { class: "scroll", tabindex: 0 }, make("table", {}, make("thead", {}, make("tr", {}, ...heads)), body)));
  }

  const tabs = document.getElementById("tabs");
  const tableBox = document.getElementById("table");
  const views = new Map();
  function openTable(i) {
    if (!views.has(i)) views.set(i, tableView(data.tables[i]));
    tableBox.replaceChildren(views.get(i));
    [...tabs.children].forEach(function (tab, k) { tab.setAttribute("aria-selected", String(k === i)); });
  }
  data.tables.forEach(function (table, i) {
    tabs.append(make("button", { type: "button", role: "tab", "aria-selected": "false", text: table.t, onclick: function () { openTable(i); } }));
  });

  /* ---------------------------------------------------------------- start */

  document.getElementById("live").hidden = false;
  if (data.tables.length > 0) openTable(0);
  else document.getElementById("tables").hidden = true;
  if (data.charts.length === 0) charts.hidden = true;
  reset();
  legend();
  choose(-1, false);
  window.addEventListener("resize", request);
  document.documentElement.dataset.ready = "yes";
})();
