// Keeps Wagtail's editor from losing words. Each part can go when Wagtail does it by itself.
// Deferred: after Wagtail's scripts have defined their parts, before Stimulus starts them.
(() => {
  const { csrfCookie } = document.currentScript.dataset;
  const SUBMITTED = "daybook:submitted";

  // A form that was sent away is known to be saved by the message on the next page.
  const submitted = sessionStorage.getItem(SUBMITTED);
  if (submitted && document.getElementById("main")) {
    sessionStorage.removeItem(SUBMITTED);
    if (document.querySelector("#main .messages li.success")) localStorage.removeItem(submitted);
  }

  const form = document.querySelector("form[data-edit-form]");
  const texts = document.getElementById("words-kept");
  if (!form || !texts) return;

  // A new page begins with its title.
  const title = document.getElementById("id_title");
  if (title && !title.value) addEventListener("load", () => title.focus());

  const controller = (name) => wagtail.app.getControllerForElementAndIdentifier(form, name);
  const copy = (id) => document.getElementById(id).content.cloneNode(true);

  // -- What is typed while an autosave is under way --------------------------------------------

  // Wagtail takes what the form holds when the answer comes for what was saved. It is what was
  // sent; before the first answer, it is what the form held when it was first touched.
  let sent;
  let saved;

  // Rich text reaches its field a quarter of a second after it is typed.
  function flush() {
    for (const field of form.querySelectorAll("input[type=hidden]")) {
      if (!field.draftailEditor) continue;
      const raw = Draftail.serialiseEditorStateToRaw(field.draftailEditor.getEditorState());
      for (const block of raw?.blocks ?? []) {
        block.inlineStyleRanges = block.inlineStyleRanges.filter(
          ({ style }) => !/^(COMMENT-|STYLE_RERENDER_)/.test(style),
        );
      }
      field.value = JSON.stringify(raw);
    }
  }

  function hasUnsavedWords() {
    flush();
    controller("w-unsaved").check();
    return controller("w-unsaved").hasEditsValue;
  }

  form.addEventListener("w-autosave:save", () => {
    sent = controller("w-unsaved").formData;
  });
  // The server gives new rows their keys.
  document.addEventListener(
    "w-autosave:success",
    ({ detail }) => {
      const fields = new URLSearchParams(sent);
      for (const [name, value] of Object.entries(detail.response.field_updates ?? {})) {
        if (fields.has(name)) fields.set(name, value);
      }
      saved = fields.toString();
    },
    true,
  );
  form.addEventListener("w-unsaved:watch-edits", () => {
    const unsaved = controller("w-unsaved");
    if (saved !== undefined) unsaved.initialFormData = unsaved.previousFormData = saved;
  });
  // Wagtail looks at the form for the first time after two seconds.
  for (const type of ["beforeinput", "paste", "drop", "click"]) {
    form.addEventListener(
      type,
      () => {
        const unsaved = controller("w-unsaved");
        if (!unsaved || unsaved.initialFormData !== undefined || saved !== undefined) return;
        saved = unsaved.formData;
        unsaved.setInitialFormData();
      },
      true,
    );
  }
  // Before Wagtail asks whether to warn who leaves.
  window.addEventListener("beforeunload", hasUnsavedWords, true);

  // -- What cannot be saved now ------------------------------------------------------------------

  const { user, signIn } = texts.dataset;
  const place = () => `daybook:words:${user}:${new URL(form.action).pathname}:`;
  const opened = Date.now();
  // What a page refused is in its form again.
  let kept = form.dataset.wUnsavedForceValue === "true" ? submitted : null;
  let failing = false;
  let signedOut = false;

  function forget() {
    if (kept) localStorage.removeItem(kept);
    kept = null;
  }

  function keep() {
    flush();
    const key = place() + opened;
    const fields = [...new FormData(form)].filter(
      ([name, value]) =>
        typeof value === "string" && !/^(csrfmiddlewaretoken|loaded_revision_.*)$/.test(name),
    );
    try {
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields }));
      // A new page has got an address of its own since.
      if (kept !== key) forget();
      kept = key;
    } catch {
      // It is full. What was kept before stays.
      kept = null;
    }
  }

  form.addEventListener("w-unsaved:add", keep);
  form.addEventListener("w-unsaved:clear", forget);
  document.addEventListener("w-autosave:success", () => {
    failing = signedOut = false;
    // Wagtail has seen to its own part by now.
    if (hasUnsavedWords()) keep();
    else forget();
  });
  document.addEventListener("w-autosave:error", async ({ detail }) => {
    keep();
    failing = ["network_error", "server_error"].includes(detail.type);
    // Wagtail has shown its own sentence by then.
    await new Promise((resolve) => setTimeout(resolve));
    const sentence = form.querySelector("[data-w-messages-target=container] p");
    if (!sentence) return;
    const say = () =>
      sentence.replaceChildren(
        signedOut ? copy("signed-out") : detail.text,
        " ",
        copy(kept ? "words-kept" : "words-not-kept"),
      );
    if (detail.type !== "server_error") signedOut = false;
    say();
    if (detail.type !== "server_error") return;
    // Only who is signed in is sent on from there.
    const answer = await fetch(signIn, { redirect: "manual" }).catch(() => null);
    signedOut = answer?.status === 200;
    say();
  });
  const keepUnsaved = () => hasUnsavedWords() && keep();
  // A tab that is closed may not live to the last of them.
  window.addEventListener("beforeunload", keepUnsaved);
  window.addEventListener("pagehide", keepUnsaved);
  document.addEventListener("visibilitychange", keepUnsaved);
  form.addEventListener("submit", () => {
    keepUnsaved();
    if (kept) sessionStorage.setItem(SUBMITTED, kept);
  });

  // Signing in, in another tab too, changes the token that every form must send.
  function renewToken() {
    const cookies = new URLSearchParams(document.cookie.replaceAll("; ", "&"));
    const token = cookies.get(csrfCookie);
    if (!token) return;
    wagtailConfig.CSRF_TOKEN = token;
    for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) {
      input.value = token;
    }
  }
  form.addEventListener("w-autosave:save", ({ detail }) => {
    renewToken();
    detail.formData.set("csrfmiddlewaretoken", wagtailConfig.CSRF_TOKEN);
  });
  document.addEventListener("submit", renewToken, true);

  // Wagtail tries again for a minute where the network is away, and never after a server's error.
  function retry() {
    renewToken();
    if (failing) controller("w-autosave")?.save();
  }
  window.addEventListener("online", retry);
  window.addEventListener("focus", retry);
  document.addEventListener("visibilitychange", () => document.hidden || retry());
  setInterval(retry, 30_000);

  // What an earlier visit kept is offered.
  function offer(key) {
    const { at, fields } = JSON.parse(localStorage.getItem(key));
    const notice = copy("words-found").firstElementChild;
    notice.querySelector("time").textContent = new Date(at).toLocaleString(
      document.documentElement.lang,
      { dateStyle: "long", timeStyle: "short" },
    );
    if (!form.matches("[data-controller~=w-autosave]")) {
      notice.querySelector("[data-versions]").remove();
    }
    notice.querySelector("[data-discard]").addEventListener("click", () => {
      localStorage.removeItem(key);
      notice.remove();
    });
    notice.querySelector("[data-restore]").addEventListener("click", () => {
      // Sent as by "Save draft": what is wrong in it is shown in its place.
      const words = document.createElement("form");
      words.method = "post";
      words.action = form.action;
      renewToken();
      for (const [name, value] of [...fields, ["csrfmiddlewaretoken", wagtailConfig.CSRF_TOKEN]]) {
        const input = words.appendChild(document.createElement("input"));
        Object.assign(input, { type: "hidden", name, value });
      }
      sessionStorage.setItem(SUBMITTED, key);
      document.body.append(words);
      words.submit();
    });
    form.before(notice);
  }
  Object.keys(localStorage)
    .filter((key) => key.startsWith(place()) && key !== kept)
    .forEach(offer);

  // -- Blocks that are removed -------------------------------------------------------------------

  // Those whose removal can be undone, the last one last.
  const removals = [];
  let removedLast = false;

  function announce(element, label, undo) {
    const notice = copy("block-removed").firstElementChild;
    notice.querySelector("b").textContent = label;
    const button = notice.querySelector("[data-undo]");
    const close = () => {
      notice.remove();
      removals.splice(removals.indexOf(button), 1);
    };
    button.addEventListener("click", () => {
      close();
      undo();
    });
    notice.querySelector("[data-dismiss]").addEventListener("click", close);
    element.after(notice);
    removals.push(button);
    removedLast = true;
    button.focus({ preventScroll: true });
  }

  const { StreamBlock, ListBlock } = window.wagtailStreamField?.blocks ?? {};
  if (StreamBlock) {
    const sequence = Object.getPrototypeOf(StreamBlock.prototype);
    const { deleteBlock } = sequence;
    sequence.deleteBlock = function (index, options) {
      const child = this.children[index];
      const next = this.children[index + 1];
      const state = child.getState();
      deleteBlock.call(this, index, options);
      announce(child.element, child.blockDef.meta.label, () => {
        // What is left of it tells the server not to read it; its names are needed again.
        for (const part of [...child.element.children]) part.matches("input") || part.remove();
        child.element.removeAttribute("data-contentpath");
        const place = next ? this.children.indexOf(next) : -1;
        const at = place < 0 ? Math.min(index, this.children.length) : place;
        const how = { animate: true, focus: true };
        if (this instanceof ListBlock) this.insert(state.value, at, { ...how, id: state.id });
        else this.insert(state, at, how);
      });
    };
  }

  // Rows and columns of a table.
  const Table =
    window.telepath?.constructors["wagtail.contrib.typed_table_block.blocks.TypedTableBlock"];
  if (Table) {
    const { render } = Table.prototype;
    Table.prototype.render = function (...args) {
      const table = render.apply(this, args);
      const { deleteRow, deleteColumn } = table;
      const { row, column } = document.getElementById("block-removed").dataset;
      const after = () => table.tbody.closest("table").parentElement;
      table.deleteRow = (index) => {
        const cells = table.rows[index].blocks.map((block) => block.getState());
        deleteRow.call(table, index);
        announce(after(), row, () => table.insertRow(Math.min(index, table.rows.length), cells));
      };
      table.deleteColumn = (index) => {
        const { blockDef, headingInput } = table.columns[index];
        const heading = headingInput.value;
        const cells = table.rows.map(({ blocks }) => blocks[index].getState());
        deleteColumn.call(table, index);
        announce(after(), column, () => {
          const at = Math.min(index, table.columns.length);
          table.insertColumn(at, blockDef).headingInput.value = heading;
          cells.forEach((cell, number) => {
            if (table.rows[number]) table.rows[number].blocks[at].setState(cell);
            else table.insertRow(number, [cell]);
          });
        });
      };
      return table;
    };
  }

  // Children of an inline panel are hidden in their place.
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[id$='-DELETE-button']");
    const input = button && document.getElementById(button.id.replace(/-button$/, ""));
    const child = button?.closest("[data-inline-panel-child]");
    if (!input || !child) return;
    const label = child.querySelector("[data-panel-heading]")?.textContent.trim() ?? "";
    announce(child, label, () => {
      input.value = "";
      child.classList.remove("deleted");
      $(child).stop(true, true).slideDown();
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });

  // -- Ctrl-Z ------------------------------------------------------------------------------------

  // Nothing that has the focus is undone by the browser itself, which takes the last thing typed
  // anywhere from under an editor that keeps its own history.
  document.addEventListener("beforeinput", (event) => {
    if (!event.inputType.startsWith("history")) removedLast = false;
    else if (event.target.closest?.(".public-DraftEditor-content")) event.preventDefault();
  }, true);
  document.addEventListener("keydown", (event) => {
    const undo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    const button = removals.findLast((removal) => removal.isConnected);
    if (!undo || event.key.toLowerCase() !== "z" || !removedLast || !button) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    button.click();
  }, true);

  if (!window.draftail || !window.DraftJS) return;
  const { EditorState } = DraftJS;

  // A copy or a half of a paragraph does not begin with the history of the whole.
  const fresh = (state) =>
    state?.getCurrentContent
      ? EditorState.createWithContent(state.getCurrentContent(), state.getDecorator())
      : state;
  const area = draftail.DraftailRichTextArea.prototype;
  const { render } = area;
  area.render = function (container, name, id, state, ...rest) {
    return render.call(this, container, name, id, fresh(state), ...rest);
  };
  for (const block of [StreamBlock, ListBlock]) {
    if (!block) continue;
    const { splitBlock } = block.prototype;
    block.prototype.splitBlock = function (index, before, after, ...rest) {
      return splitBlock.call(this, index, fresh(before), fresh(after), ...rest);
    };
  }

  // -- Plain text with an address in it ----------------------------------------------------------

  // Wagtail reads it as HTML, where a line's end is a space and `<` begins a tag.
  const asHtml = (text) => {
    const part = document.createElement("div");
    for (const line of text.split(/[\r\n]+/)) {
      if (line.trim()) part.appendChild(document.createElement("p")).textContent = line;
    }
    return part.innerHTML;
  };
  const plugins = draftail.registerPlugin({ type: "daybook" });
  delete plugins.daybook;
  const { onPaste } = plugins.LINK;
  plugins.LINK.onPaste = (text, html, editorState, helpers, ...rest) =>
    onPaste(
      text,
      html || asHtml(text),
      editorState,
      {
        ...helpers,
        // A step of its own for Ctrl-Z, and without what the field does not allow.
        setEditorState: (state) =>
          helpers.setEditorState(
            state.getLastChangeType() === "insert-characters"
              ? EditorState.push(editorState, state.getCurrentContent(), "insert-fragment")
              : state,
          ),
      },
      ...rest,
    );
})();
