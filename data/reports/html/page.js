// What a report does in a browser: tables that sort, filter and download, charts, light and dark.
// The page reads without it. Texts from data are only ever set as text.
(function () {
  "use strict";

  var texts = JSON.parse(document.getElementById("texts").textContent);
  var lang = document.documentElement.lang;
  var live = document.getElementById("live");
  var fill = function (text, facts) {
    return text.replace(/\{(\w+)\}/g, function (whole, name) {
      return Object.prototype.hasOwnProperty.call(facts, name) ? String(facts[name]) : whole;
    });
  };
  var say = function (text) { live.textContent = text; };
  var make = function (tag, className, text) {
    var element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  var all = function (selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  };

  // Tables.

  var collator = new Intl.Collator(lang, { numeric: true });

  var sortRows = function (table, index, kind, direction) {
    var body = table.tBodies[0];
    var rows = table.rowsInOrder.slice();
    if (direction !== "none") {
      var sign = direction === "ascending" ? 1 : -1;
      rows.sort(function (one, other) {
        var a = one.cells[index].dataset.v;
        var b = other.cells[index].dataset.v;
        // What is empty is neither more nor less: it stays last.
        if (a === "" || b === "") return (a === "") - (b === "");
        return sign * (kind === "number" ? Number(a) - Number(b) : collator.compare(a, b));
      });
    }
    rows.forEach(function (row) { body.appendChild(row); });
  };

  var addSorting = function (table) {
    var heads = all("thead th", table);
    heads.forEach(function (head, index) {
      if (head.dataset.kind === "course") return;
      var label = make("button", "");
      label.type = "button";
      while (head.firstChild) label.appendChild(head.firstChild);
      head.appendChild(label);
      head.setAttribute("aria-sort", "none");
      label.addEventListener("click", function () {
        var kind = head.dataset.kind;
        var order = kind === "number"
          ? { none: "descending", descending: "ascending", ascending: "none" }
          : { none: "ascending", ascending: "descending", descending: "none" };
        var next = order[head.getAttribute("aria-sort")];
        heads.forEach(function (other) {
          if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
        });
        head.setAttribute("aria-sort", next);
        sortRows(table, index, kind, next);
        say(fill(texts["sorted_" + next], { column: label.textContent }));
      });
    });
  };

  var addFilter = function (table, tools) {
    var field = make("input", "");
    field.type = "search";
    field.placeholder = texts.filter;
    field.setAttribute("aria-label", fill(texts.filter_of, { title: table.caption.textContent }));
    var count = make("output", "");
    var apply = function () {
      var wanted = field.value.trim().toLocaleLowerCase(lang);
      var shown = 0;
      table.rowsInOrder.forEach(function (row) {
        var isShown = row.textContent.toLocaleLowerCase(lang).indexOf(wanted) >= 0;
        row.hidden = !isShown;
        shown += isShown ? 1 : 0;
      });
      count.textContent = fill(texts.count, { shown: shown, rows: table.rowsInOrder.length });
    };
    field.addEventListener("input", apply);
    tools.appendChild(field);
    tools.appendChild(count);
    apply();
  };

  // A spreadsheet must not take a text for a formula.
  var csvCell = function (text, kind) {
    if (kind !== "number" && /^[=+\-@\t\r\n＝＋－＠]/.test(text)) text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  };

  var labelOf = function (head) {
    var unit = head.querySelector(".unit");
    var label = head.textContent;
    return unit ? label.slice(0, label.length - unit.textContent.length) : label;
  };

  // What must be known of the cells of a row, in words.
  var toldOf = function (row, heads) {
    var told = Array.prototype.map.call(row.cells, function (cell, index) {
      var words = all("abbr.mark", cell).map(function (mark) { return mark.title; });
      if (cell.title) words.push(cell.title);
      return words.length ? fill(texts.told, { label: labelOf(heads[index]), told: words.join("; ") }) : "";
    });
    return told.filter(Boolean).join("; ");
  };

  var csvOf = function (table) {
    var heads = all("thead th", table);
    var kinds = heads.map(function (head) { return head.dataset.kind; });
    var rows = all("tbody tr, tfoot tr", table).filter(function (row) { return !row.hidden; });
    var told = rows.map(function (row) { return toldOf(row, heads); });
    var isTold = told.some(Boolean);
    var lines = [heads.map(function (head) {
      var unit = head.querySelector(".unit");
      return csvCell(labelOf(head) + (unit ? " (" + unit.textContent + ")" : ""), "text");
    })];
    if (isTold) lines[0].push(csvCell(texts.marks_column, "text"));
    rows.forEach(function (row, at) {
      var line = Array.prototype.map.call(row.cells, function (cell, index) {
        return csvCell(cell.dataset.v, kinds[index]);
      });
      if (isTold) line.push(csvCell(told[at], "text"));
      lines.push(line);
    });
    // A file that leaves the page says that data is made up as the page does.
    var synthetic = document.querySelector(".synthetic");
    if (synthetic) lines.unshift([csvCell(synthetic.textContent, "text")]);
    return "\uFEFF" + lines.map(function (line) { return line.join(","); }).join("\r\n") + "\r\n";
  };

  var addDownload = function (table, tools) {
    var button = make("button", "download", texts.download);
    button.type = "button";
    button.addEventListener("click", function () {
      var link = make("a", "");
      var address = URL.createObjectURL(new Blob([csvOf(table)], { type: "text/csv;charset=utf-8" }));
      link.href = address;
      link.download = table.dataset.name + ".csv";
      link.click();
      setTimeout(function () { URL.revokeObjectURL(address); }, 1000);
      say(texts.downloaded);
    });
    tools.appendChild(button);
  };

  all("table.data").forEach(function (table) {
    table.rowsInOrder = Array.prototype.slice.call(table.tBodies[0].rows);
    var tools = make("div", "table-tools");
    if (table.rowsInOrder.length > 1) addSorting(table);
    if (table.rowsInOrder.length > 7) addFilter(table, tools);
    addDownload(table, tools);
    var box = table.parentNode;
    box.parentNode.insertBefore(tools, box);
  });

  // Charts.

  var compact = new Intl.NumberFormat(lang, { notation: "compact", maximumFractionDigits: 1 });
  var exact = new Intl.NumberFormat(lang, { maximumFractionDigits: 4 });
  var colours = function () {
    var style = getComputedStyle(document.documentElement);
    var of = function (name) { return style.getPropertyValue(name).trim(); };
    return { text: of("--text"), soft: of("--soft"), line: of("--line"), sheet: of("--sheet"), warn: of("--warn") };
  };
  // Told apart without colour as well: see the symbols.
  var palette = ["#2f6fbd", "#d07a1f", "#3c9a5f", "#b0455a", "#7a5fb5", "#5d7f8f", "#b59a2a", "#c2607f", "#3aa0a8", "#8a6d4b"];
  var symbols = ["circle", "rect", "triangle", "diamond", "arrow", "roundRect"];

  var tooltip = function (values, parameters) {
    var list = Array.isArray(parameters) ? parameters : [parameters];
    var box = make("div", "");
    if (!list.length) return box;
    box.appendChild(make("strong", "", values.x[list[0].dataIndex]));
    list.forEach(function (one) {
      var series = values.series[one.seriesIndex];
      var value = series.values[one.dataIndex];
      var line = make("div", "");
      var dot = make("span", "", "■ ");
      dot.style.color = one.color;
      line.appendChild(dot);
      var told = value === null ? texts.no_value : exact.format(value) + (values.unit ? " " + values.unit : "");
      line.appendChild(make("span", "", series.name + ": " + told));
      series.marks.filter(function (mark) { return mark[0] === one.dataIndex; }).forEach(function (mark) {
        line.appendChild(make("span", "mark", texts.marks[mark[1]]));
      });
      box.appendChild(line);
    });
    return box;
  };

  var seriesOption = function (values, series, index, paint) {
    var isLine = values.kind === "line";
    var marked = {};
    series.marks.forEach(function (mark) { (marked[mark[0]] = marked[mark[0]] || []).push(mark[1]); });
    var breaks = series.marks.filter(function (mark) { return mark[1] === "break"; });
    var colour = palette[index % palette.length];
    return {
      name: series.name,
      type: isLine ? "line" : "bar",
      stack: values.kind === "stacked" ? "all" : undefined,
      connectNulls: false,
      showAllSymbol: true,
      symbol: symbols[index % symbols.length],
      symbolSize: 5,
      barMaxWidth: 32,
      itemStyle: { color: colour },
      lineStyle: { color: colour, width: 2 },
      data: series.values.map(function (value, at) {
        var has = marked[at];
        if (!has || value === null) return value;
        // Hollow and larger: something must be known of it.
        return {
          value: value,
          symbolSize: 10,
          itemStyle: isLine
            ? { color: paint.sheet, borderColor: colour, borderWidth: 2, borderType: has.indexOf("date_inferred") >= 0 ? "dashed" : "solid" }
            : { color: colour, opacity: 0.55, borderColor: colour, borderWidth: 2, borderType: "dashed" }
        };
      }),
      markLine: breaks.length && values.kind !== "bar" ? {
        silent: true,
        symbol: "none",
        animation: false,
        label: { show: false },
        lineStyle: { color: paint.warn, type: "dashed", width: 1 },
        data: breaks.map(function (mark) { return { xAxis: mark[0] }; })
      } : undefined
    };
  };

  var optionOf = function (values, paint, isPaper) {
    var isLying = values.kind === "bar";
    var names = {
      type: "category",
      data: values.x,
      inverse: isLying,
      axisLine: { lineStyle: { color: paint.line } },
      axisTick: { show: false },
      axisLabel: { color: paint.soft, hideOverlap: !isLying, interval: isLying ? 0 : "auto", width: isLying ? 150 : undefined, overflow: isLying ? "truncate" : undefined }
    };
    var numbers = {
      type: "value",
      axisLabel: { color: paint.soft, formatter: function (value) { return compact.format(value); } },
      splitLine: { lineStyle: { color: paint.line } }
    };
    var isLong = !isLying && values.x.length > 24 && !isPaper;
    var hasLegend = values.series.length > 1;
    return {
      animation: false,
      aria: { enabled: false },
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: paint.text },
      grid: { left: 8, right: 24, top: hasLegend ? (isPaper ? 60 : 48) : 16, bottom: isLong ? 56 : 8, containLabel: true },
      legend: hasLegend ? { type: isPaper ? "plain" : "scroll", top: 4, textStyle: { color: paint.text }, pageTextStyle: { color: paint.text } } : undefined,
      tooltip: {
        trigger: "axis",
        axisPointer: { type: values.kind === "line" ? "line" : "shadow" },
        backgroundColor: paint.sheet,
        borderColor: paint.line,
        textStyle: { color: paint.text },
        confine: true,
        formatter: function (parameters) { return tooltip(values, parameters); }
      },
      dataZoom: isLong ? [{ type: "slider", height: 20, bottom: 8, brushSelect: false, textStyle: { color: paint.soft } }] : undefined,
      xAxis: isLying ? numbers : names,
      yAxis: isLying ? names : numbers,
      series: values.series.map(function (series, index) { return seriesOption(values, series, index, paint); })
    };
  };

  var charts = all(".chart").map(function (box) {
    box.hidden = false;
    var values = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    return { box: box, values: values, height: box.style.height, drawn: null };
  });
  var draw = function (chart, isPaper) {
    if (!chart.drawn) chart.drawn = window.echarts.init(chart.box, null, { renderer: "svg" });
    chart.drawn.setOption(optionOf(chart.values, colours(), isPaper === true), true);
  };
  var drawAgain = function () {
    charts.forEach(function (chart) { if (chart.drawn) draw(chart); });
  };
  charts.forEach(function (chart) { draw(chart); });
  window.addEventListener("resize", function () {
    charts.forEach(function (chart) { chart.drawn.resize(); });
  });

  // Light and dark.

  var prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
  var isDark = function () {
    var theme = document.documentElement.dataset.theme;
    return theme ? theme === "dark" : prefersDark.matches;
  };
  document.getElementById("theme").addEventListener("click", function () {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    drawAgain();
  });
  if (prefersDark.addEventListener) prefersDark.addEventListener("change", drawAgain);

  // Paper is light, and as wide as it is.
  var before = null;
  window.addEventListener("beforeprint", function () {
    before = document.documentElement.dataset.theme || "";
    document.documentElement.dataset.theme = "light";
    charts.forEach(function (chart) {
      // Low enough for two on a page.
      if (chart.values.kind !== "bar") chart.box.style.height = "240px";
      // Drawn last: only that is on the page at once.
      chart.drawn.resize({ width: Math.min(chart.box.clientWidth, 660) });
      // All names are on it, and nothing that can only be moved on a screen.
      draw(chart, true);
    });
  });
  window.addEventListener("afterprint", function () {
    if (before) document.documentElement.dataset.theme = before;
    else delete document.documentElement.dataset.theme;
    charts.forEach(function (chart) {
      chart.box.style.height = chart.height;
      chart.drawn.resize({ width: "auto" });
      draw(chart);
    });
  });
  document.getElementById("print").addEventListener("click", function () { window.print(); });
  document.querySelector(".tools").hidden = false;

  // Where the reader is.

  if (window.IntersectionObserver) {
    var links = {};
    all(".contents a").forEach(function (link) { links[link.hash.slice(1)] = link; });
    var watcher = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (!entry.isIntersecting) return;
        Object.keys(links).forEach(function (id) { links[id].removeAttribute("aria-current"); });
        links[entry.target.id].setAttribute("aria-current", "true");
      });
    }, { rootMargin: "-10% 0px -75% 0px" });
    all("main > section").forEach(function (section) { watcher.observe(section); });
  }
})();
