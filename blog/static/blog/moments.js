// Wagtail's calendar puts the present moment in the place of what it cannot read, and the hour after
// in that of one that the clocks skip. What is typed or chosen stays; the server says what is wrong.
jQuery.extend(jQuery.fn.datetimepicker.defaults, {
  validateOnBlur: false,
  scrollInput: false,
  onSelectTime(_moment, input, event) {
    const { hour, minute } = event.target.dataset;
    const [day] = input.val().split(" ");
    input.val(`${day} ${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`);
  },
});
