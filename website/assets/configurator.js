// The configurator: choices -> command, facts, pictures and files. All it knows is in #catalog; the choices are the
// address's fragment, so that an address is a choice, and the back button takes one back.
"use strict";

(() => {
  const root = document.getElementById("configurator");
  const catalog = JSON.parse(document.getElementById("catalog").textContent);
  const choose = root.querySelector("form.choose");
  const shell = root.querySelector("form.shell");
  const find = (selector) => root.querySelector(selector);
  const GROUPS = ["task", "modality", "device", "torch"];
  const NAME = /^[A-Za-z]([A-Za-z0-9._-]{0,58}[A-Za-z0-9])?$/; // nothing that a shell reads otherwise
  const windows = /Windows/.test(navigator.userAgent);

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  const radios = (name) => [...root.querySelectorAll(`input[name="${name}"]`)];
  const label = (name, value) =>
    radios(name).find((radio) => radio.value === value).nextElementSibling.textContent;
  const START = Object.fromEntries(
    [...GROUPS, "shell"].map((name) => [name, radios(name).find((radio) => radio.defaultChecked).value]),
  );
  START.shell = windows ? "powershell" : START.shell;
  START.name = choose.elements.name.defaultValue;

  // what is not possible beside the answers before it becomes the first that is
  function possible(state) {
    for (const [name, by] of [["modality", "task"], ["torch", "device"]]) {
      const refused = catalog[name][state[by]];
      if (state[name] in refused) {
        state[name] = radios(name).map((radio) => radio.value).find((value) => !(value in refused));
      }
    }
    return state;
  }

  function fromAddress() {
    const given = new URLSearchParams(location.hash.slice(1));
    const state = { ...START };
    for (const name of [...GROUPS, "shell"]) {
      if (radios(name).some((radio) => radio.value === given.get(name))) state[name] = given.get(name);
    }
    if (NAME.test(given.get("name") ?? "")) state.name = given.get("name");
    return possible(state);
  }

  function toAddress(state) {
    const said = new URLSearchParams();
    for (const name of [...GROUPS, "name", "shell"]) {
      if (state[name] !== START[name] || ["task", "modality", "device"].includes(name)) said.set(name, state[name]);
    }
    return `#${said}`;
  }

  function answers(state) {
    const given = ["task", "modality", "device"].map((name) => `-d ${name}=${state[name]}`);
    if (state.torch !== START.torch) given.push(`-d torch=${state.torch}`);
    return given.join(" ");
  }

  function packageOf(name) {
    const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, "_");
    return catalog.taken.includes(plain) ? `${plain}_project` : plain;
  }

  function row(list, name, ...value) {
    list.append(element("dt", {}, name), element("dd", {}, ...value));
  }

  function facts(state, project) {
    const list = element("dl");
    const score = project.score;
    if (score) {
      const spread = score.spread && ` ± ${score.spread}`;
      row(list, score.metric, element("strong", {}, score.value), `${spread} on the test split, ${score.best} is better`);
      if (score.baseline) row(list, "baseline", `${score.baseline}, ${score.name}`);
      const elsewhere = state.device === catalog.measured ? "" : `; ${label("device", state.device)}: not measured`;
      row(list, "time", `${score.wall} s on two CPU cores, the longest of ${score.seeds} runs${elsewhere}`);
      row(list, "network", `${score.weights} weights`);
    }
    row(list, "data", `${project.data.name}: ${project.data.size}`);
    row(list, "licence of the data", project.data.licence);
    row(list, "code", `${project.code.lines.toLocaleString("en")} lines of Python, and ${project.code.tests.toLocaleString("en")} of tests`);
    if (project.own) row(list, "your own data", element("code", {}, project.own));
    return list;
  }

  function exhibit({ caption, files }) {
    const figure = element("figure", { class: "exhibit" });
    for (const { name, what, width, height } of files) {
      const src = `assets/gallery/${name}`;
      if (width) {
        figure.append(element("img", { src, alt: caption, width, height, class: width < 128 ? "tiny" : "" }));
      } else {
        const player = element("audio", { controls: "", preload: "none", src, "aria-label": what });
        figure.append(element("span", { class: "sound" }, element("span", {}, what), player));
      }
    }
    figure.append(element("figcaption", {}, caption));
    return figure;
  }

  // folders first, then files, each folder to be opened; a file has a word on what it holds
  function tree(state, project) {
    const numbers = [...project.files, ...(project.extra[state.device] ?? [])];
    const top = new Map();
    for (const [path, note] of numbers.map((number) => catalog.paths[number])) {
      const parts = path.replaceAll("{package}", packageOf(state.name)).split("/");
      const file = parts.pop();
      let inside = top;
      for (const part of parts) {
        if (!inside.has(part)) inside.set(part, new Map());
        inside = inside.get(part);
      }
      inside.set(file, note);
    }
    const order = ([a, x], [b, y]) => (x instanceof Map ? 0 : 1) - (y instanceof Map ? 0 : 1) || (a < b ? -1 : 1);
    const count = (folder) => [...folder.values()].reduce((sum, x) => sum + (x instanceof Map ? count(x) : 1), 0);
    const lay = (folder, path) => {
      const list = element("ul");
      for (const [name, inner] of [...folder].sort(order)) {
        if (inner instanceof Map) {
          const open = path + name === "src" ? { open: "" } : {};
          const number = element("span", { class: "note" }, count(inner) === 1 ? "1 file" : `${count(inner)} files`);
          const summary = element("summary", {}, element("code", {}, `${name}/`), " ", number);
          list.append(element("li", {}, element("details", open, summary, lay(inner, `${path}${name}/`))));
        } else {
          const note = element("span", { class: "note" }, inner.replaceAll("{package}", packageOf(state.name)));
          list.append(element("li", {}, element("code", {}, name), " ", note));
        }
      }
      return list;
    };
    const heading = element("h3", {}, `${state.name}/ has ${count(top)} files`);
    return [heading, lay(top, "")];
  }

  function command(state) {
    return catalog.commands[state.shell].replaceAll("{answers}", answers(state)).replaceAll("{target}", state.name);
  }

  function show(state, { announce = true } = {}) {
    const project = catalog.projects[`${state.task}-${state.modality}`];
    for (const name of [...GROUPS, "shell"]) {
      const refused = catalog[name]?.[state[{ modality: "task", torch: "device" }[name]]] ?? {};
      for (const radio of radios(name)) {
        radio.checked = radio.value === state[name];
        radio.disabled = radio.value in refused;
        radio.parentElement.title = refused[radio.value] ?? "";
      }
      const why = find(`#${name}-why`);
      if (why) {
        why.hidden = Object.keys(refused).length === 0;
        why.textContent = why.hidden ? "" : `Greyed out: ${Object.values(refused)[0]}.`;
      }
    }
    if (document.activeElement !== choose.elements.name) choose.elements.name.value = state.name;
    find(".title").textContent = project.title;
    find(".command code").textContent = command(state);
    find(".copy").textContent = "Copy";
    find(".facts").replaceChildren(facts(state, project));
    find(".seen").replaceChildren(...project.exhibits.map(exhibit));
    find(".tree").replaceChildren(...tree(state, project));
    const { score } = project;
    const scored = score ? ` ${score.metric} ${score.value}, baseline ${score.baseline}, ${score.wall} seconds.` : "";
    find(".status").textContent = announce ? `${project.title}, ${label("device", state.device)}.${scored}` : "";
  }

  let state = fromAddress();
  show(state, { announce: false });

  function change(next, method) {
    state = possible(next);
    history[method](null, "", toAddress(state));
    show(state);
  }

  root.addEventListener("change", ({ target }) => {
    if (target.type === "radio") change({ ...state, [target.name]: target.value }, "pushState");
  });

  choose.elements.name.addEventListener("input", ({ target }) => {
    const valid = NAME.test(target.value);
    target.setAttribute("aria-invalid", String(!valid));
    find("#name-error").textContent = valid ? "" : "Start with a letter, end with a letter or digit; the command keeps the last good name.";
    if (valid) change({ ...state, name: target.value }, "replaceState");
  });

  for (const form of [choose, shell]) form.addEventListener("submit", (event) => event.preventDefault());

  addEventListener("popstate", () => {
    if (location.hash && !location.hash.includes("=")) return; // a heading of this page, no choice
    state = fromAddress();
    show(state);
  });

  find(".copy").addEventListener("click", async ({ target }) => {
    const code = find(".command code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      target.textContent = "Copied";
      find(".status").textContent = "The command is copied.";
    } catch {
      getSelection().selectAllChildren(code); // no permission: one key is left to press
      target.textContent = "Press Ctrl-C";
      find(".status").textContent = "The command is selected: copy it with the keyboard.";
    }
  });
})();
