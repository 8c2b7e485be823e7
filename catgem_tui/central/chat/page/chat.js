/* The citizen's side of the chat. ES5, so that it runs on an old telephone as it is. Text is only ever set as text. */
(function () {
  "use strict";

  var LONGEST = Number(document.body.getAttribute("data-longest")), PING_EVERY = 20000, SILENCE = 10000, TYPING_EVERY = 4000, KEY = "catgem-chat";
  var words = JSON.parse(get("words").textContent);
  var socket = null, welcomed = false, tries = 0, timer = null, heart = null, silence = null;
  var state = "new", last = "", typedAt = 0, unseen = 0, title = document.title, advisor = "", folio = "", flying = "";
  var kept = load();

  function get(id) { return document.getElementById(id); }

  function show(id, on) { get(id).hidden = !on; }

  /* What a reload must not lose: the secret of this chat, who speaks, and what is not yet acknowledged. */
  function load() {
    try {
      var found = JSON.parse(window.sessionStorage.getItem(KEY));
      if (found && found.pending) { return found; }
    } catch (ignored) { /* no storage, or not ours: begin anew */ }
    return { token: "", name: "", email: "", consent: false, pending: [], count: 0 };
  }

  function save() {
    try { window.sessionStorage.setItem(KEY, JSON.stringify(kept)); } catch (ignored) { /* memory will do */ }
  }

  /* --- the line --- */

  function connect() {
    var mine, scheme = location.protocol === "https:" ? "wss://" : "ws://";
    clearTimeout(timer);
    drop();
    welcomed = false;
    try {
      mine = socket = new WebSocket(scheme + location.host + document.body.getAttribute("data-socket"));
    } catch (failure) { lost(); return; }
    mine.onopen = function () { if (mine === socket) { start(); beat(); } };
    mine.onmessage = function (event) { if (mine === socket) { heard(); take(JSON.parse(event.data)); } };
    mine.onclose = function () { if (mine === socket) { lost(); } };
  }

  function drop() {
    var old = socket;
    socket = null;
    clearInterval(heart);
    clearTimeout(silence);
    if (old) { old.onopen = old.onmessage = old.onclose = null; try { old.close(); } catch (ignored) { /* closed */ } }
  }

  function lost() {
    drop();
    welcomed = false;
    flying = "";
    say_status(words.lost);
    timer = setTimeout(connect, Math.min(8000, 500 * Math.pow(2, tries++)) * (0.75 + Math.random() / 2));
  }

  function send(frame) {
    if (socket && socket.readyState === 1) { socket.send(JSON.stringify(frame)); }
  }

  function start() {
    send({ t: "start", token: kept.token, after: last, consent: kept.consent, name: kept.name, email: kept.email });
  }

  function beat() {
    heart = setInterval(function () {
      send({ t: "ping" });
      clearTimeout(silence);
      silence = setTimeout(lost, SILENCE);
    }, PING_EVERY);
  }

  function heard() { clearTimeout(silence); }

  /* --- what central says --- */

  function take(frame) {
    switch (frame.t) {
      case "history": draw_all(frame.lines); break;
      case "welcome": welcome(frame); break;
      case "said": said(frame); break;
      case "message": draw(frame.line); break;
      case "waiting": set_state("waiting"); break;
      case "joined": advisor = frame.name || ""; set_state("joined"); break;
      case "ended": end(frame.survey); break;
      case "surveyed": thank(frame.score); break;
      case "error": refuse(frame); break;
    }
  }

  function welcome(frame) {
    var i;
    welcomed = true;
    tries = 0;
    kept.token = frame.token;
    save();
    advisor = frame.advisor || "";
    folio = frame.folio || folio;
    draw_all(frame.history || []);
    if (frame.state === "ended") { end(frame.survey); } else { set_state(frame.state); }
    for (i = 0; i < kept.pending.length; i++) { sketch(kept.pending[i]); }
    flush();
  }

  function said(frame) {
    var bubble = get("p-" + frame.id), i;
    for (i = 0; i < kept.pending.length; i++) {
      if (kept.pending[i].id === frame.id) { kept.pending.splice(i, 1); break; }
    }
    save();
    again();
    if (frame.folio) { folio = frame.folio; set_state(state); }
    last = frame.message;
    if (!kept.pending.length && get("problem").textContent === words.error_unavailable) { complain(""); }
    if (!bubble) { return; }
    if (get("m-" + frame.message)) { bubble.parentNode.removeChild(bubble); return; }
    bubble.id = "m-" + frame.message;
    bubble.lastChild.textContent = clock(frame.at);
  }

  function again() { flying = ""; flush(); }

  function refuse(frame) {
    var reason = words["error_" + frame.code] || words.error_unavailable, bubble, i, found = null;
    if (frame.retry && !welcomed) {
      say_status(reason);
      found = socket;
      setTimeout(function () { if (found === socket && !welcomed) { start(); } }, 1000 * frame.retry);
      return;
    }
    if (frame.retry && frame.id) {
      if (frame.code === "unavailable") { complain(reason); }
      setTimeout(again, 1000 * frame.retry);
      return;
    }
    if (frame.code === "malformed" && !welcomed && kept.token) { kept.token = ""; save(); start(); return; }
    for (i = 0; i < kept.pending.length; i++) {
      if (kept.pending[i].id === frame.id) { found = kept.pending.splice(i, 1)[0]; break; }
    }
    save();
    bubble = frame.id && get("p-" + frame.id);
    if (bubble) {
      bubble.className += " failed";
      bubble.lastChild.textContent = words.not_sent;
      if (found && !get("text").value) { get("text").value = found.text; }
    }
    lock_scores(false);
    again();
    complain(reason.replace("{limit}", String(frame.limit || LONGEST)));
  }

  function set_state(now) {
    state = now;
    if (state === "ended") { return; }
    say_status(
      (state === "joined" ? words.joined.replace("{name}", advisor || words.advisor)
        : state === "waiting" ? words.waiting : words.ready)
        + (folio ? " " + words.folio.replace("{folio}", folio) : "")
    );
  }

  function end(survey) {
    var first = state !== "ended";
    state = "ended";
    say_status(folio ? words.folio.replace("{folio}", folio) : "");
    show("write", false);
    show("after", true);
    if (survey && !get("thanks").textContent) { show("survey", true); }
    if (first) { get("ended").focus(); }
  }

  function thank(score) {
    var buttons = get("scores").getElementsByTagName("button"), i;
    lock_scores(true);
    for (i = 0; i < buttons.length; i++) {
      buttons[i].setAttribute("aria-pressed", String(buttons[i].value === String(score)));
    }
    get("thanks").textContent = words.thanks;
    complain("");
  }

  function lock_scores(on) {
    var buttons = get("scores").getElementsByTagName("button"), i;
    for (i = 0; i < buttons.length; i++) { buttons[i].disabled = on; }
  }

  /* --- drawing --- */

  function say_status(text) { if (get("status").textContent !== text) { get("status").textContent = text; } }

  function complain(text) { get("problem").textContent = text; }

  function clock(seconds) {
    var at = new Date(seconds * 1000), minutes = at.getMinutes();
    return at.getHours() + ":" + (minutes < 10 ? "0" : "") + minutes;
  }

  function draw(line) {
    last = line.id;
    if (get("m-" + line.id)) { return; }
    bubble("m-" + line.id, line.author, line.name, line.text, clock(line.at));
    if (line.author !== "citizen" && document.hidden) { document.title = "(" + (++unseen) + ") " + title; }
  }

  function draw_all(lines) {
    var i;
    for (i = 0; i < lines.length; i++) { draw(lines[i]); }
  }

  function bubble(id, author, name, text, below) {
    var box = document.createElement("div"), who = document.createElement("small"), log = get("log");
    var body = document.createElement("p"), foot = document.createElement("small");
    var near = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
    box.id = id;
    box.className = author === "citizen" ? "said mine" : "said";
    who.textContent = author === "citizen" ? words.you : name || words.advisor;
    foot.textContent = below;
    if (author === "citizen") { body.textContent = text; } else { linked(body, text); }
    box.appendChild(who);
    box.appendChild(body);
    box.appendChild(foot);
    log.appendChild(box);
    if (near || author === "citizen") { log.scrollTop = log.scrollHeight; }
  }

  /* An advisor's web addresses can be tapped. */
  function linked(body, text) {
    var parts = text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/), i, link;
    for (i = 0; i < parts.length; i++) {
      if (i % 2) {
        link = document.createElement("a");
        link.href = parts[i];
        link.target = "_blank";
        link.rel = "noopener noreferrer";
        link.textContent = parts[i];
        body.appendChild(link);
      } else if (parts[i]) { body.appendChild(document.createTextNode(parts[i])); }
    }
  }

  /* --- what the citizen does --- */

  function sketch(entry) {
    if (!get("p-" + entry.id)) { bubble("p-" + entry.id, "citizen", "", entry.text, words.sending); }
  }

  /* One at a time, so that they arrive in order whatever has to be repeated. */
  function flush() {
    var first = kept.pending[0];
    if (!welcomed || !first || flying === first.id) { return; }
    flying = first.id;
    send({ t: "say", id: first.id, text: first.text });
  }

  function write() {
    var box = get("text"), text = box.value, entry;
    if (!text.replace(/\s/g, "")) { complain(words.error_empty); box.focus(); return; }
    if (text.length > LONGEST) {
      complain(words.error_too_long.replace("{limit}", String(LONGEST)));
      box.focus();
      return;
    }
    complain("");
    entry = { id: (++kept.count) + "-" + Math.random().toString(36).slice(2, 12), text: text };
    kept.pending.push(entry);
    save();
    box.value = "";
    sketch(entry);
    flush();
    box.focus();
  }

  get("begin").onsubmit = function (event) {
    event.preventDefault();
    if (!get("consent").checked) {
      get("consent-problem").textContent = words.error_consent_needed;
      get("consent").focus();
      return;
    }
    kept.consent = true;
    kept.name = get("name").value;
    kept.email = get("email").value;
    save();
    open();
    get("text").focus();
  };

  get("write").onsubmit = function (event) { event.preventDefault(); write(); };

  get("text").onkeydown = function (event) {
    if (event.keyCode === 13 && !event.shiftKey && !event.isComposing) { event.preventDefault(); write(); }
  };

  get("text").oninput = function () {
    var now = new Date().getTime();
    complain("");
    if (welcomed && state !== "new" && now - typedAt > TYPING_EVERY) { typedAt = now; send({ t: "typing" }); }
  };

  get("leave").onclick = function () {
    if (state === "new" && !kept.pending.length) { forget(); } else if (window.confirm(words.leave_sure)) { send({ t: "bye" }); }
  };

  get("scores").onclick = function (event) {
    var button = event.target;
    if (button.tagName !== "BUTTON" || button.disabled) { return; }
    lock_scores(true);
    send({ t: "survey", score: Number(button.value) });
  };

  function forget() {
    drop();
    try { window.sessionStorage.removeItem(KEY); } catch (ignored) { /* there is none */ }
    location.reload();
  }

  get("again").onclick = forget;

  document.addEventListener("visibilitychange", function () {
    if (!document.hidden) { unseen = 0; document.title = title; }
  });

  window.addEventListener("online", function () { if (kept.consent && !welcomed) { tries = 0; connect(); } });

  function open() {
    show("begin", false);
    show("other", false);
    show("chat", true);
    say_status(words.connecting);
    connect();
  }

  if (!window.WebSocket) {
    get("begin").textContent = words.no_socket;
    show("begin", true);
  } else if (kept.consent) { open(); } else { show("begin", true); }
}());
