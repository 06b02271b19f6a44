// Keeps Wagtail's editor from losing words. Each part can go when Wagtail does it by itself.
// Deferred: after Wagtail's scripts have defined their parts, before Stimulus starts them.
(() => {
  const form = document.querySelector("form[data-edit-form]");
  if (!form) return;

  const controller = (name) => wagtail.app.getControllerForElementAndIdentifier(form, name);

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
})();
