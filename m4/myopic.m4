# MYO_NEED(VARIABLE, MODULE, DEBIAN-PACKAGE): a library by pkg-config; what is missing is gathered
# in $missing, so that configure names all of it at once.
AC_DEFUN([MYO_NEED], [PKG_CHECK_MODULES([$1], [$2], [], [missing="$missing
  $2 (Debian: $3)"])])

# MYO_FLAG(FLAG, [VARIABLE]): kept in VARIABLE (MYO_CFLAGS) if the compiler knows it.
AC_DEFUN([MYO_FLAG], [
	AC_MSG_CHECKING([whether $CC knows $1])
	saved=$CFLAGS
	CFLAGS="$saved -Werror $1"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([])],
		[AC_MSG_RESULT([yes]); m4_default([$2], [MYO_CFLAGS])="$m4_default([$2], [MYO_CFLAGS]) $1"],
		[AC_MSG_RESULT([no])])
	CFLAGS=$saved
])

# MYO_LINK_FLAG(FLAG, VARIABLE): kept in VARIABLE if the linker knows it.
AC_DEFUN([MYO_LINK_FLAG], [
	AC_MSG_CHECKING([whether the linker knows $1])
	saved=$LDFLAGS
	LDFLAGS="$saved $1"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([])], [AC_MSG_RESULT([yes]); $2="$$2 $1"], [AC_MSG_RESULT([no])])
	LDFLAGS=$saved
])
