from .home_page import HomePage
from .site_settings import MenuItem, SiteSettings, SocialLink
from .standard_page import StandardPage
from .user import User

__all__ = ["HomePage", "MenuItem", "SiteSettings", "SocialLink", "StandardPage", "User"]
